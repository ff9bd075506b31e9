// Marks all rows of a page, and says how many are marked. Without it each row is marked by hand.
const all = document.querySelector("#mark-all");
const count = document.querySelector("#mark-count");
const boxes = [...document.querySelectorAll("input[name=entry][form=marked]")];
const numbers = new Intl.NumberFormat(document.documentElement.dataset.locale);

function tell() {
  const marked = boxes.filter((box) => box.checked).length;
  count.textContent = marked ? count.dataset.some.replace("{count}", numbers.format(marked)) : count.dataset.none;
  all.checked = marked === boxes.length;
  all.indeterminate = marked > 0 && marked < boxes.length;
}

if (all) {
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  for (const box of boxes) box.addEventListener("change", tell);
  document.querySelector("#marked").addEventListener("submit", (event) => {
    if (boxes.some((box) => box.checked)) return;
    event.preventDefault();
    tell();
    boxes[0]?.focus();
  });
  addEventListener("pageshow", tell);
}
