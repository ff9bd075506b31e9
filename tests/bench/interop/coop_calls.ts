// Calls every public method of Coop's `HmaService`, in the order in which Coop's users reach it, and checks what Coop
// would act on. Prints one JSON object a call: {"call", "ok", "why"}. Run by coop.py, beside Coop's own code.
//
// Environment: HMA_SERVICE_URL (read by Coop itself), PG… (a database with Coop's table), ORGANIZATION (Coop's),
// MEDIA (base URL of the files), CLIP_MD5, EXCHANGE (base URL of an NCMEC of our own), STOPNCII (of a StopNCII),
// EXCHANGE_HASH (the one PDQ of either).
import assert from 'node:assert/strict';
import { trace } from '@opentelemetry/api';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';

import { HmaService } from './server/services/hmaService/index.js';
import { fetchHTTP as fetchOf } from './server/services/networkingService/index.js';
import SafeTracer from './server/utils/SafeTracer.js';

const { CLIP_MD5, EXCHANGE, EXCHANGE_HASH, HMA_SERVICE_URL, MEDIA, ORGANIZATION, STOPNCII } = process.env as Record<
  string,
  string
>;
const PATIENCE = 90_000; // milliseconds until content matches, or an exchange is read
const tracer = new SafeTracer(trace.getTracer('coop'));
const statuses: number[] = [];
const fetchHTTP = async (query: any) => {
  const answer = await fetchOf(tracer, query);
  statuses.push(answer.status);
  return answer;
};
const pool = new pg.Pool();
const hma: any = new HmaService(fetchHTTP as any, new Kysely<any>({ dialect: new PostgresDialect({ pool }) }));

/** Call a method until its result passes the check, for at most `patience`. Counts as one call. */
async function call(method: string, args: unknown[], check: (result: any) => unknown, patience = 0) {
  const ends = Date.now() + patience;
  for (;;) {
    let result: any;
    let why = '';
    statuses.length = 0;
    try {
      result = await hma[method](...args);
      await check(result);
      const bad = statuses.find((status) => status >= 400 && status !== 404);
      assert.equal(bad, undefined, `an answer had status ${bad}`);
    } catch (error) {
      why = `${error instanceof Error ? error.message : error} [${statuses}]`.slice(0, 400);
    }
    if (!why || Date.now() > ends) {
      console.log(JSON.stringify({ call: method, ok: !why, why }));
      return result;
    }
    await new Promise((done) => setTimeout(done, 250));
  }
}

/** Call a method that must throw Coop's own error. */
async function refused(method: string, args: unknown[], message: RegExp) {
  let why = 'it was accepted';
  try {
    await hma[method](...args);
  } catch (error) {
    why = message.test(String(error)) ? '' : String(error).slice(0, 400);
  }
  console.log(JSON.stringify({ call: method, ok: !why, why }));
}

const nothing = (result: unknown) => assert.equal(result, null);
const matches = (banks: string[]) => (result: any) =>
  assert.deepEqual(result, { matched: banks.length > 0, matchedBanks: banks });
const isBanked = (result: any) => assert.ok(Number.isInteger(result.id), `no number: ${JSON.stringify(result)}`);
const statusOf = async (path: string) =>
  (await fetchOf(tracer, { url: `${HMA_SERVICE_URL}${path}`, method: 'get', handleResponseBody: 'discard' })).status;
const deleteBehindItsBack = (bank: string) =>
  fetchOf(tracer, { url: `${HMA_SERVICE_URL}/c/bank/${bank}`, method: 'delete', handleResponseBody: 'discard' });
const file = async (name: string) => (await fetch(`${MEDIA}/${name}`)).blob();

// A bank, made on the page of matching banks.
const named = (name: string) => `COOP_${ORGANIZATION.toUpperCase()}_${name}`;
const FAKES = named('KNOWN_FAKES');
const fakes = await call('createBank', [ORGANIZATION, 'Known fakes', 'of last year', 1], (bank) => {
  assert.equal(bank.hma_name, FAKES);
});
await refused('createBank', [ORGANIZATION, 'Known fakes', 'again', 1], /Failed to create HMA bank: .*"message"/s);
await call('getBank', [ORGANIZATION, 'Known fakes'], (bank) => assert.equal(bank.id, fakes.id));
await call('getBankById', [ORGANIZATION, fakes.id], (bank) => assert.equal(bank.name, 'Known fakes'));
await call('getBank', [ORGANIZATION, 'Of nobody'], nothing);
await call('listBanks', [ORGANIZATION], (banks) => assert.deepEqual(banks.map((bank: any) => bank.hma_name), [FAKES]));

// Content: by address and by file, a picture and a video.
const isPhoto = (signals: any) => {
  assert.deepEqual(Object.keys(signals), ['pdq']);
  assert.match(signals.pdq, /^[0-9a-f]{64}$/);
};
const hashes = await call('hashContentFromUrl', [`${MEDIA}/fake.png`], isPhoto);
const metadata = { content_id: 'item-7', content_uri: 'https://platform.example/7', json: { queue: 'urgent' } };
const byUrl = await call('addContentToBank', [FAKES, { url: `${MEDIA}/fake.png`, metadata }], async (content) => {
  isBanked(content);
  assert.deepEqual(content.signals, hashes);
  const shown = await fetchOf(tracer, {
    url: `${HMA_SERVICE_URL}/c/bank/${FAKES}/content/${content.id}`, method: 'get', handleResponseBody: 'as-json',
  });
  assert.deepEqual((shown.body as any).metadata, metadata);
});
const byFile = await call(
  'addContentToBank',
  [FAKES, { file: await file('second.png'), contentType: 'photo', metadata }],
  (content) => {
    isBanked(content);
    isPhoto(content.signals);
  },
);
const clip = new File([await file('clip.mp4')], 'clip.mp4', { type: 'video/mp4' });
const video = await call('addContentToBank', [FAKES, { file: clip, contentType: 'video' }], (content) => {
  isBanked(content);
  assert.equal(content.signals.video_md5, CLIP_MD5);
});
// The same picture twice, and in a second bank.
const OTHERS = named('OTHERS');
const others = await call('createBank', [ORGANIZATION, 'Others', '', 1], (bank) => assert.equal(bank.hma_name, OTHERS));
await call('addContentToBank', [FAKES, { url: `${MEDIA}/fake.png` }], isBanked);
await call('addContentToBank', [OTHERS, { url: `${MEDIA}/fake.png` }], isBanked);
await call('addContentToBank', [OTHERS, { file: clip, contentType: 'video' }], isBanked);
await refused('addContentToBank', [named('ABSENT'), { url: `${MEDIA}/fake.png` }], /Failed to add content to bank: 404/);

// An item comes in: hash its address, ask each hash.
const found = (number: number, distance?: string) => (result: any) => {
  const hit = result[FAKES]?.find((match: any) => match.bank_content_id === number);
  assert.ok(hit, `not found: ${JSON.stringify(result).slice(0, 200)}`);
  assert.equal(typeof hit.distance, 'string');
  if (distance) assert.equal(hit.distance, distance);
};
await call('lookupContent', [{ signalType: 'pdq', signal: hashes?.pdq }], found(byUrl?.id, '0'), PATIENCE);
await call('lookupContent', [{ signalType: 'pdq', signal: byFile?.signals.pdq }], found(byFile?.id, '0'), PATIENCE);
await call('lookupContent', [{ signalType: 'video_md5', signal: CLIP_MD5 }], found(video?.id), PATIENCE);
await call('lookupContent', [{ url: `${MEDIA}/copy.jpg`, contentType: 'photo', signalType: 'pdq' }], found(byUrl?.id));
const both = matches([FAKES, OTHERS]);
await call('checkImageMatchWithDetails', [[FAKES, OTHERS], 'pdq', hashes?.pdq], both, PATIENCE);
await call('checkImageMatchWithDetails', [[FAKES, OTHERS], 'video_md5', CLIP_MD5], both, PATIENCE);
await call('listBanks', [ORGANIZATION], (found) => assert.equal(found.length, 2));
await call('deleteBank', [ORGANIZATION, others?.id], async () => assert.equal(await statusOf(`/c/bank/${OTHERS}`), 404));
await call('checkImageMatchWithDetails', [[FAKES, OTHERS], 'pdq', hashes?.pdq], matches([FAKES]));
await call('checkImageMatchWithDetails', [[FAKES, OTHERS], 'video_md5', CLIP_MD5], matches([FAKES]));
const copy = await call('hashContentFromUrl', [`${MEDIA}/copy.jpg`], isPhoto);
const other = await call('hashContentFromUrl', [`${MEDIA}/unrelated.png`], isPhoto);
const banks = [FAKES, named('ABSENT')];
await call('checkImageMatchWithDetails', [banks, 'pdq', copy?.pdq], matches([FAKES]));
await call('checkImageMatchWithDetails', [banks, 'pdq', other?.pdq], matches([]));
await call('checkImageMatchWithDetails', [[named('ABSENT')], 'pdq', copy?.pdq], matches([]));
await call('checkImageMatch', [banks, 'pdq', copy?.pdq], (matched) => assert.equal(matched, true));
await call('checkImageMatch', [banks, 'pdq', other?.pdq], (matched) => assert.equal(matched, false));
const clipHashes = await call('hashContentFromUrl', [`${MEDIA}/clip.mp4`], (signals) => {
  assert.equal(signals.video_md5, CLIP_MD5);
});
for (const [type, hash] of Object.entries(clipHashes ?? { video_md5: CLIP_MD5 })) {
  await call('checkImageMatchWithDetails', [banks, type, hash], matches([FAKES]), PATIENCE);
}
await refused('hashContentFromUrl', [`${MEDIA}/absent.png`], /Failed to hash content from URL: 4\d\d/);
await refused('checkImageMatch', [banks, 'pdq', 'no hash'], /Failed to lookup content: 400/);

// The bank's settings.
await call('updateBank', [ORGANIZATION, fakes.id, { enabled_ratio: 0 }], (bank) => assert.equal(bank.enabled_ratio, 0));
await call('checkImageMatch', [banks, 'pdq', copy?.pdq], (matched) => assert.equal(matched, false));
await call('updateBank', [ORGANIZATION, fakes.id, { enabled_ratio: 1, description: 'all' }], (bank) => {
  assert.equal(bank.description, 'all');
});
await call('checkImageMatch', [banks, 'pdq', copy?.pdq], (matched) => assert.equal(matched, true));
await call('updateBank', [ORGANIZATION, fakes.id, { name: 'Fakes, renamed' }], async (bank) => {
  // Coop makes a new bank and deletes the old one, with its content.
  assert.equal(bank.hma_name, named('FAKES_RENAMED'));
  assert.deepEqual([await statusOf(`/c/bank/${bank.hma_name}`), await statusOf(`/c/bank/${FAKES}`)], [200, 404]);
});
await call('checkImageMatch', [banks, 'pdq', copy?.pdq], (matched) => assert.equal(matched, false));
await call('addContentToBank', [named('FAKES_RENAMED'), { url: `${MEDIA}/fake.png` }], isBanked);
await call(
  'checkImageMatch', [[named('FAKES_RENAMED')], 'pdq', copy?.pdq], (matched) => assert.equal(matched, true), PATIENCE,
);
await call('deleteBank', [ORGANIZATION, fakes.id], async () => {
  assert.equal(await statusOf(`/c/bank/${named('FAKES_RENAMED')}`), 404);
});
await call('checkImageMatch', [[named('FAKES_RENAMED')], 'pdq', copy?.pdq], (matched) => assert.equal(matched, false));
await call('createBank', [ORGANIZATION, 'Half', '', 0.5], (bank) => assert.equal(bank.enabled_ratio, 0.5));
await deleteBehindItsBack(named('HALF'));
await call('getBank', [ORGANIZATION, 'Half'], nothing);

// An exchange, as the form of a new bank offers it.
const KINDS = ['fb_threatexchange', 'ncmec', 'stop_ncii'];
const hasAuth = (kind: string, has: boolean) => (infos: any) => {
  for (const name of KINDS) {
    assert.ok(infos.some((info: any) => info.name === name && info.supports_auth), `no ${name}`);
  }
  assert.equal(infos.find((info: any) => info.name === kind).has_auth, has);
};
await call('getExchangeApis', [], hasAuth('ncmec', false));
for (const [kind, config, credentials] of [
  ['fb_threatexchange', ['privacy_group'], ['api_token']],
  ['ncmec', ['environment', 'only_esp_ids'], ['user', 'password']],
  ['stop_ncii', [], ['fetch_function_key', 'subscription_key']],
] as const) {
  await call('getExchangeApiSchema', [kind], (schema) => {
    assert.deepEqual(statuses, [200], 'the schema is not that of the service');
    const names = (section: any) => section.fields.map((field: any) => field.name);
    for (const name of config) assert.ok(names(schema.config_schema).includes(name), name);
    for (const name of credentials) assert.ok(names(schema.credentials_schema).includes(name), name);
    for (const field of [...schema.config_schema.fields, ...schema.credentials_schema.fields]) {
      assert.deepEqual(Object.keys(field).sort(), ['choices', 'default', 'help', 'name', 'required', 'type']);
    }
  });
}
await call('setExchangeCredentials', ['ncmec', { user: 'user', password: 'pass' }], async () => {});
await call('getExchangeApis', [], hasAuth('ncmec', true));
const NCMEC = named('NCMEC');
const exchange = { apiName: 'ncmec', apiJson: { environment: EXCHANGE } };
const ncmec = await call('createBank', [ORGANIZATION, 'NCMEC', 'known', 1, exchange], async (bank) => {
  assert.equal(bank.hma_name, NCMEC);
  assert.equal(await statusOf(`/c/bank/${NCMEC}`), 200);
});
await call(
  'getExchangeForBank',
  [NCMEC],
  (info) => {
    const { last_fetch_time, ...rest } = info;
    assert.deepEqual(rest, {
      api: 'ncmec',
      enabled: true,
      has_auth: true,
      last_fetch_succeeded: true,
      up_to_date: true,
      fetched_items: 1,
      is_fetching: false,
    });
    assert.ok(Math.abs(Date.parse(last_fetch_time) - Date.now()) < 10 * 60_000, last_fetch_time);
  },
  PATIENCE,
);
await call('checkImageMatchWithDetails', [[NCMEC], 'pdq', EXCHANGE_HASH], matches([NCMEC]), PATIENCE);
await call('deleteBank', [ORGANIZATION, ncmec?.id], async () => assert.equal(await statusOf(`/c/bank/${NCMEC}`), 404));
await call('getExchangeForBank', [NCMEC], nothing);
await call('checkImageMatchWithDetails', [[NCMEC], 'pdq', EXCHANGE_HASH], matches([]));
await call('createBank', [ORGANIZATION, 'NCMEC', 'anew', 0.5, exchange], async (bank) => {
  assert.equal(bank.enabled_ratio, 0.5);
  const shown = await fetchOf(tracer, {
    url: `${HMA_SERVICE_URL}/c/bank/${NCMEC}`, method: 'get', handleResponseBody: 'as-json',
  });
  assert.deepEqual(shown.body, { name: NCMEC, matching_enabled_ratio: 0.5 });
});
// Credentials after the exchange, for a StopNCII elsewhere.
const NCII = named('NCII');
await call('createExchange', [NCII, 'stop_ncii', {}], async () => assert.equal(await statusOf(`/c/bank/${NCII}`), 200));
const keys = { fetch_function_key: 'fk', subscription_key: 'sk', base_url_override: STOPNCII };
await call('setExchangeCredentials', ['stop_ncii', keys], async () => {});
await call('checkImageMatchWithDetails', [[NCII], 'pdq', EXCHANGE_HASH], matches([NCII]), PATIENCE);
await call('setExchangeCredentials', ['stop_ncii', {}], async () => {});
await call('createExchange', [named('GROUP'), 'fb_threatexchange', { privacy_group: 77 }], async () => {
  assert.equal(await statusOf(`/c/bank/${named('GROUP')}`), 200);
});
await call('getExchangeForBank', [named('GROUP')], (info) => {
  assert.deepEqual([info.api, info.enabled, info.has_auth], ['fb_threatexchange', true, false]);
});
await refused('createExchange', [named('BAD'), 'fb_threatexchange', {}], /Failed to create exchange: .*"status":400/s);
await refused('createExchange', [named('BAD'), 'of_nobody', {}], /Failed to create exchange: .*"status":400/s);
await refused('setExchangeCredentials', ['of_nobody', { key: 'x' }], /credentials for 'of_nobody': status=4\d\d/);
await call('setExchangeCredentials', ['ncmec', {}], async () => {}); // HMA's way to delete them
await call('getExchangeApis', [], hasAuth('ncmec', false));
await pool.end();
