// Two players at the same moment: the first one leads, the second one follows by the alignment. Without this script each
// has its own controls. Sounds are drawn.
import { wave } from "./waves.js";

const APART = 0.12; // seconds by which the second may lag behind before it is moved
const STEP = 1;

/** What the second file has while the first one is at `second`: where, how fast, mirrored or not; or nothing. */
function across(spans, second) {
  const span = spans.find(([begin, end]) => second >= begin - 0.05 && second <= end + 0.05);
  if (!span) return null;
  const [begin, end, start, stop, mirrored] = span;
  const rate = end > begin ? (stop - start) / (end - begin) : 1;
  return { at: Math.max(0, start + (Math.min(end, Math.max(begin, second)) - begin) * rate), rate, mirrored };
}

function clock(second) {
  return `${Math.floor(second / 60)}:${(second % 60).toFixed(1).padStart(4, "0")}`;
}

class Players {
  constructor(root) {
    this.spans = JSON.parse(root.dataset.spans);
    [this.first, this.second] = root.querySelectorAll("video, audio");
    this.part = (name) => root.querySelector(name);
    this.slider = this.part("input[type='range']");
    this.part(".together").hidden = false;
    this.ofSound = root.querySelector("audio") !== null; // each sound keeps its controls, to be heard whole
    for (const player of [this.first, this.second]) {
      player.controls = this.ofSound;
      player.addEventListener("error", () => { this.part("[data-broken]").hidden = false; });
    }
    const acts = {
      play: () => (this.first.paused ? this.play() : this.first.pause()),
      back: () => this.step(-STEP),
      on: () => this.step(STEP),
      sound: () => this.listen((this.sound + 1) % 3),
    };
    for (const [name, act] of Object.entries(acts)) this.part(`[data-act='${name}']`).addEventListener("click", act);
    this.slider.addEventListener("input", () => this.seek(Number(this.slider.value)));
    this.first.addEventListener("loadedmetadata", () => this.ready());
    this.second.addEventListener("seeked", () => { // the first one may have gone on meanwhile
      if (!this.ofSound || !this.first.paused) this.follow(false);
    });
    this.second.addEventListener("play", () => { if (this.ofSound && this.first.paused) this.listen(2); });
    this.second.addEventListener("loadedmetadata", () => this.follow(true));
    for (const name of ["play", "pause", "ended", "seeked", "timeupdate"]) {
      this.first.addEventListener(name, () => this.follow(name !== "timeupdate"));
    }
    this.first.addEventListener("play", () => this.label());
    this.first.addEventListener("pause", () => this.label());
    this.listen(this.ofSound ? 1 : 0);
    this.ready();
  }

  ready() {
    if (this.slider.dataset.ready || this.first.readyState === 0) return;
    this.slider.dataset.ready = "yes";
    this.slider.max = this.first.duration;
    this.seek(this.spans.length ? this.spans[0][0] : 0);
  }

  play() {
    if (this.first.ended) this.first.currentTime = this.spans.length ? this.spans[0][0] : 0;
    this.first.play().catch(() => { this.part("[data-broken]").hidden = false; });
    const drawn = () => { // as often as the screen is drawn: timeupdate comes four times a second
      if (this.first.paused || !this.first.isConnected) return;
      this.follow(false);
      requestAnimationFrame(drawn);
    };
    requestAnimationFrame(drawn);
  }

  step(seconds) {
    this.ready(); // its event may still come, and would go back to the beginning
    this.seek(this.first.currentTime + seconds);
  }

  seek(second) {
    this.first.currentTime = Math.min(this.first.duration || 0, Math.max(0, second));
    this.follow(true);
  }

  /** Go to where the first one has a moment of the second; by itself, the second has it anyway. */
  seekSecond(second) {
    const there = across(this.spans.map(([begin, end, start, stop]) => [start, stop, begin, end]), second);
    if (there) return this.seek(there.at);
    this.first.pause();
    this.second.pause();
    this.second.currentTime = second;
    this.listen(2);
  }

  /** Bring the second one to where the first one is; `exactly` also where it is nearly there. */
  follow(exactly) {
    const second = this.first.currentTime;
    this.slider.value = second;
    this.part("output").textContent = clock(second);
    const there = across(this.spans, second);
    this.part("[data-apart]").hidden = there !== null;
    this.second.classList.toggle("dimmed", there === null);
    if (!there || this.second.readyState === 0) return void this.second.pause();
    this.second.classList.toggle("mirrored", Boolean(there.mirrored));
    const forward = there.rate > 0;
    if (forward) this.second.playbackRate = Math.min(16, Math.max(0.0625, there.rate * this.first.playbackRate));
    const wrong = Math.abs(this.second.currentTime - there.at);
    const still = !forward || this.first.paused; // what runs backwards is shown picture by picture
    if (!this.second.seeking && wrong > (exactly || still ? 0.02 : APART)) this.second.currentTime = there.at;
    if (still) this.second.pause();
    else if (this.second.paused) this.second.play().catch(() => {});
  }

  /** Let one of the files be heard: the first, the second, or 0 for none. */
  listen(sound) {
    this.sound = sound;
    this.first.muted = this.sound !== 1;
    this.second.muted = this.sound !== 2;
    const button = this.part("[data-act='sound']");
    button.textContent = button.getAttribute(`data-sound-${this.sound}`);
  }

  label() {
    const button = this.part("[data-act='play']");
    if (this.first.paused !== (button.dataset.playing === undefined)) {
      [button.textContent, button.dataset.other] = [button.dataset.other, button.textContent];
      if (this.first.paused) delete button.dataset.playing;
      else button.dataset.playing = "";
    }
  }
}

let turn = Promise.resolve(); // sounds are drawn one after another: each is decoded as a whole

/** Draw the sounds. What cannot be drawn can still be heard. */
function draw(root, players) {
  const spans = JSON.parse(root.dataset.spans);
  root.querySelectorAll("audio").forEach((sound, place) => {
    const common = spans.map((span) => span.slice(2 * place, 2 * place + 2).sort((one, other) => one - other));
    const seek = (second) => {
      if (!players) sound.currentTime = second;
      else if (place === 0) players.seek(second);
      else players.seekSecond(second);
    };
    const begun = () => { turn = turn.then(() => wave(sound, common, seek)).catch(() => {}); };
    if (sound.readyState > 0) begun();
    else sound.addEventListener("loadedmetadata", begun, { once: true });
  });
}

function begin(within) {
  const found = [...within.querySelectorAll(".players:not([data-begun])")];
  if (within.matches?.(".players:not([data-begun])")) found.push(within);
  for (const root of found) {
    root.dataset.begun = "";
    draw(root, root.querySelectorAll("video, audio").length === 2 ? new Players(root) : null);
  }
}

document.addEventListener("htmx:load", (event) => begin(event.detail.elt));
begin(document);
