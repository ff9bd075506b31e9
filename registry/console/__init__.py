"""A kit for the HTML pages under `/console`: guard, forms, languages, templates, static files.

The server renders the pages in the API's process. Pages call the same actions as the API, as the signed-in
caller. They contain no SQL and no rules, and import neither `api` nor `commands` of any room.
`registry/app/web.py` passes the API's permissions to `app.create`.

To add a page
-------------
1. **Area.** Write a module with an `area` and add its name to `AREAS` in `registry/app/pages/app.py`:
   `area = Area("AREA", nav=(Nav("/review", N_("Review"), operation="listReviews", place=30),))`.
   Paths are relative to the console: `/review/{entry_id}`. `waiting=(Waiting("listReviews", ask),)` puts a
   card on the first page: `ask(page)` calls one action and returns a `Card`.
   The search finds the page by name if `registry/app/pages/search` has it among its destinations, and what
   it shows if a `Finder` there asks the room's service.
2. **Page.** Put `@area.page("/review", operation="listReviews")` on a function
   `(page: Page) -> Shown | Response`. `operation` names the permission: that of an API operation
   (`registry/identity/callers/api/access.py`), `SIGNED_IN` or `EVERYBODY`. It is checked before your code
   runs. Use `page.service`, `page.caller`,
   `page.query("after")`, `page.uuid("entry_id")`, `page.may("decideReview")`. Return
   `page.show("review/queue.html", items=…)`.
3. **Form.** Put `@area.form("/review/{entry_id}/decide", operation="decideReview", again=show)` on a
   function. It calls one action with `page.typed.text("reason")` and returns
   `page.go("/review", "decided")`. The word names a message in `Area(says={"decided": N_("…")})`.
   `explains={"claim_spent": N_("…")}` gives errors in plain words. After a `FakeprintError` that the reader
   can correct (400, 409, 413, 415, 422, 429, 503), `again` is called with `page.typed` and `page.error`.
   Fields made by `ui.field` then fill themselves in, and `ui.wrong()` shows the error. If the session ended
   meanwhile, the same happens after signing in, so no input is lost. A form with files has
   `enctype="multipart/form-data"` and is declared with `files=4`; read them in
   `with uploads(page.service, page.files("fake")) as kept:` (`catalogue.media.service.uploads`).
4. **Template.** `templates/AREA/NAME.html` extends `frame/layout.html`. Its blocks are `title`, `main`,
   `head` and `width` (`narrow`, `wide`). `ui` holds the components (`templates/frame/macros.html`): `word`
   (in every form), `field`, `select`, `choices`, `wrong`, `notice`, `badge`, `verdict`, `tier`, `state`,
   `time`, `ago`, `empty`, `table`, `pages`, `act`. `explain(error)` gives an error in plain words. Put names
   and titles from users in `<bdi>`. The content security policy forbids inline scripts, handlers and styles.
5. **Script.** `static/AREA.js` is a module, loaded in the block `head` by `asset('AREA.js')`. Send the header
   `X-Csrf` (`form.elements.csrf.value`) with each fetch. htmx is available: for its requests
   (`page.fragment`), use a template that extends nothing. `static/AREA.css` holds the area's style.
6. **Messages.** Write `_("… %(name)s", name=…)` and `ngettext("%(count)s entry", "%(count)s entries", n)` in
   templates, `N_("…")` in code, and `number(n)` for numbers. `make catalogues` collects them in
   `locale/LANGUAGE/AREA.po`, and those of the frame in `frame.po`; translate there. A page uses its own
   area's translation first, so one text may have two translations. Catalogues need no compilation.
7. **Test.** Write `tests/browser/test_AREA.py` with the fixtures of `tests/browser/conftest.py`. List the
   area's pages in `tests/browser/shots/AREA.py`; `then` names the steps to a page without its own URL. axe
   checks each page against WCAG. `make screenshots` takes its picture, and reports missing pages.
"""
