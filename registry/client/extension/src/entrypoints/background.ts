// The menu, and the button of the toolbar. Each opens the side panel and leaves the question there: the panel does the work.
import { browser } from "wxt/browser";
import { defineBackground } from "wxt/utils/define-background";

import type { Question } from "../settings";
import { words } from "../words";

const ENDINGS = ["mp4", "m4v", "mov", "webm", "mkv", "jpg", "jpeg", "png", "webp", "gif", "avif", "heic", "mp3", "m4a", "ogg", "oga", "opus", "wav", "flac", "aac"];
const LINKS = ENDINGS.flatMap((ending) => [`*://*/*.${ending}`, `*://*/*.${ending}?*`]);

export default defineBackground(() => {
  browser.runtime.onInstalled.addListener(() => void prepare());
  browser.runtime.onStartup.addListener(() => void prepare());
  browser.storage.local.onChanged.addListener((changes) => void ("language" in changes && prepare()));
  browser.contextMenus.onClicked.addListener(({ menuItemId, srcUrl, linkUrl, frameId, frameUrl, pageUrl }, tab) => {
    if (tab?.id === undefined) return;
    const isLink = menuItemId === "link";
    ask({
      tabId: tab.id,
      windowId: tab.windowId,
      frameId: frameId ?? 0,
      frameUrl: frameUrl ?? pageUrl ?? "",
      url: (isLink ? linkUrl : srcUrl) ?? "",
      kind: isLink ? "link" : "medium",
    });
  });
  browser.action.onClicked.addListener((tab) => {
    if (tab.id === undefined) return;
    ask({ tabId: tab.id, windowId: tab.windowId, frameId: 0, frameUrl: tab.url ?? "", url: "", kind: "page" });
  });
});

/** Chrome opens a panel only within the click: nothing is awaited before. */
function ask(asked: Omit<Question, "id">): void {
  browser.sidePanel.open({ windowId: asked.windowId }).catch(console.warn);
  void browser.storage.session.set({ question: { ...asked, id: crypto.randomUUID() } });
}

async function prepare(): Promise<void> {
  // Scripts in pages have no access to the key.
  await browser.storage.local.setAccessLevel({ accessLevel: "TRUSTED_CONTEXTS" });
  const said = await words();
  await browser.contextMenus.removeAll();
  browser.contextMenus.create({ id: "medium", contexts: ["video", "image", "audio"], title: said.text("menu") });
  browser.contextMenus.create({ id: "link", contexts: ["link"], targetUrlPatterns: LINKS, title: said.text("menu_link") });
}
