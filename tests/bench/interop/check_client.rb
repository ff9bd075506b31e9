# Runs Meedan's Check against a service that answers as Alegre: `ruby check_client.rb search|confirm|callback`.
# Of Check are the two modules in CHECK (a folder of check-api); what they need of Rails is stubbed here.
require 'active_support/all'
require 'json'
require 'net/http'
require 'stringio'
require 'yaml'

REDIS_CONFIG = {}.freeze
class Redis
  KEPT = {}
  def initialize(_); end
  def get(key) = KEPT[key]
  def set(key, value) = KEPT[key] = value
  def expire(_key, _seconds); end
  def lpush(key, value) = KEPT[key] = value
end
class Nothing
  def method_missing(*) = nil
  def respond_to_missing?(*) = true
end
module Rails
  def self.logger = Nothing.new
  def self.cache = Nothing.new
end
CheckSentry = Nothing.new
module RequestStore
  def self.store = {}
end
module CheckConfig
  def self.get(key, *) = {'alegre_host' => ENV['ALEGRE_HOST'], 'alegre_token' => 'token'}[key]
end
module Relationship
  def self.confirmed_type = 'confirmed'
  def self.suggested_type = 'suggested'
end
module ProjectMedia
  def self.find(_) = raise('none')
end

%w[alegre_v2 alegre_webhooks].each { |name| require File.join(ENV['CHECK'], 'app/models/concerns', name) }

class Bot
  class Alegre
    class Error < StandardError; end
    ALL_TEXT_SIMILARITY_FIELDS = [].freeze
    include AlegreV2
    include AlegreWebhooks
    def self.item_doc_id(media, _field) = "check-#{media.id}"
    def self.media_file_url(media) = media.url
  end
end

# Node's and Debian's Ruby send no key: a proxy in front of the service adds it. Here the client does.
module Keyed
  def get_request_object(*)
    super.tap { |request| request['X-API-Key'] = ENV['KEY'] }
  end
end
Bot::Alegre.singleton_class.prepend(Keyed)

media = TemporaryProjectMedia.new
media.id, media.team_id, media.type, media.url = 9, 1, ENV['TYPE'], ENV['MEDIA']
threshold = [{value: 0.5}]
found =
  case ARGV[0]
  when 'search' then Bot::Alegre.get_items(media, nil, true, threshold)
  when 'confirm' then Bot::Alegre.get_confirmed_items_async(media, nil, threshold)
  when 'suggest' then Bot::Alegre.get_suggested_items_async(media, nil, threshold)
  when 'delete' then Bot::Alegre.delete(media)
  when 'callback'
    request = Struct.new(:body, :params, :query_parameters).new(StringIO.new($stdin.read), {'token' => 'token'}, {})
    raise 'token' unless Bot::Alegre.valid_request?(request)
    Bot::Alegre.webhook(request)
    Redis::KEPT.transform_values { |text| YAML.unsafe_load(text) }
  end
puts JSON.generate(found)
