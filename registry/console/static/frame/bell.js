// The number of unread notifications, live by server-sent events. Only a tab that is seen is connected: browsers have few
// connections to a host. The number in the page is the server's, so nothing is lost where this does not run.
const bell = document.querySelector(".bell");
const number = bell.querySelector(".count");
const label = bell.querySelector(".unseen");
const news = document.querySelector("[data-news]"); // read out where the number grows
const figures = new Intl.NumberFormat(document.documentElement.dataset.locale);
const MOST = 100;
const PAUSES = [10_000, 60_000, 300_000];
let source = null;
let failures = 0;
let waiting = 0;
let known = null;

function show(count) {
  number.hidden = !count;
  number.textContent = count < MOST ? figures.format(count) : `${figures.format(MOST - 1)}+`;
  const text = count < MOST ? figures.format(count) : bell.dataset.most;
  label.textContent = count ? bell.dataset.some.replace("{count}", text) : bell.dataset.none;
  if (known !== null && count > known) news.textContent = label.textContent;
  known = count;
  document.dispatchEvent(new CustomEvent("unread", { detail: count }));
}

// The browser opens a stream again that has ended. One that was refused it gives up: it is tried again, ever later.
function connect() {
  clearTimeout(waiting);
  if (source || document.visibilityState !== "visible") return;
  source = new EventSource(bell.dataset.live);
  source.addEventListener("unread", (event) => {
    failures = 0;
    show(JSON.parse(event.data).unread);
  });
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return;
    source = null;
    if (failures < PAUSES.length) waiting = setTimeout(connect, PAUSES[failures]);
    failures += 1;
  });
}

function leave() {
  clearTimeout(waiting);
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", () => {
  clearTimeout(waiting);
  if (document.visibilityState === "visible") connect();
  else waiting = setTimeout(leave, 5_000); // a look at another tab is not worth another connection
});
addEventListener("pagehide", leave);
addEventListener("pageshow", connect);
connect();

// The list of notifications says that there are newer ones; a page that is read does not move by itself.
const fresh = document.querySelector("[data-fresh]");
if (fresh) {
  const shown = Number(fresh.dataset.fresh);
  document.addEventListener("unread", (event) => { fresh.hidden = event.detail <= shown; });
}
