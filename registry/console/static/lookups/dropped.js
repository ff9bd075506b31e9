// What was dropped, folders opened: files in the order of their paths, without those that systems hide.

const MOST = 500;
const HIDDEN = /^\.|^Thumbs\.db$|^desktop\.ini$/i;

/** The files of a drop event. `more`: whether there were more than `MOST`. */
export async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const found = [];
  for (const entry of entries) await opened(entry, found);
  if (!entries.length) found.push(...transfer.files);
  return sorted(found);
}

/** The files of an input, as `droppedFiles` gives them. */
export function sorted(files) {
  const path = (file) => file.webkitRelativePath || file.name;
  const seen = [...files].filter(({ name }) => !HIDDEN.test(name));
  if (seen.some((file) => file.webkitRelativePath)) {
    seen.sort((one, other) => path(one).localeCompare(path(other), undefined, { numeric: true }));
  }
  return { files: seen.slice(0, MOST), more: seen.length > MOST };
}

async function opened(entry, found) {
  if (found.length > MOST) return;
  if (entry.isFile) {
    found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const inner of some.sort((one, other) => one.name.localeCompare(other.name))) await opened(inner, found);
  }
}
