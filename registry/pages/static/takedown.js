// Terms run on while the page is open, by the server's clock: the reader's may be a day off.
const root = document.querySelector("[data-now]");
const clocks = document.querySelectorAll("time[data-clock]");

if (root && clocks.length) {
  const began = Date.parse(root.dataset.now);
  const opened = performance.now();
  const said = new Intl.RelativeTimeFormat(document.documentElement.dataset.locale, { numeric: "always" });
  const units = [["day", 86400], ["hour", 3600], ["minute", 60]];
  const show = () => {
    const now = began + (performance.now() - opened);
    for (const one of clocks) {
      const left = (Date.parse(one.dateTime) - now) / 1000;
      const [unit, seconds] = units.find(([, size]) => Math.abs(left) >= 2 * size) ?? units[2];
      one.textContent = said.format(Math.trunc(left / seconds), unit);
    }
  };
  show();
  setInterval(show, 30_000);
}
