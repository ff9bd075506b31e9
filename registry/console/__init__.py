"""A kit for the HTML pages under `/console`: guard, forms, languages, templates, static files.

The server renders the pages in the API's process.

Pages call the actions that the API calls, as the caller who is signed in, and nothing else: no SQL, no rule
of their own. They import neither `api` nor `commands` of any room; what they need of the API, its doors, is
handed to `app.create` by `registry/app/web.py`.

To add a page
-------------
1. **Area.** One file `areas/AREA.py` and one line in `app.AREAS`. In the file
   `area = Area("AREA", nav=(Nav("/review", N_("Review"), door="listReviews", place=30),))`.
   Paths are within the console: `/review/{entry_id}`. `waiting=(Waiting("listReviews", ask),)` puts a card on
   the first page: `ask(page)` calls one action and answers a `Card`.
2. **Page.** `@area.page("/review", door="listReviews")` on a function `(page: Page) -> Shown | Response`. The
   door is the operation of the API whose action is called (`registry/identity/callers/api/access.py`);
   beside these there are
   `SIGNED_IN` and `EVERYBODY`. It is asked before your code runs. There are `page.service`, `page.caller`,
   `page.query("after")`, `page.uuid("entry_id")`, `page.may("decideReview")`; answer
   `page.show("review/queue.html", items=…)`.
3. **Form.** `@area.form("/review/{entry_id}/decide", door="decideReview", again=show)` on a function that
   calls one action with `page.typed.text("reason")` and answers `page.go("/review", "decided")`, a word of
   `Area(says={"decided": N_("…")})`; `explains={"claim_spent": N_("…")}` puts its errors in plain words.
   Where a `FakeprintError` is one that the reader can mend (400, 409, 413, 415, 422, 429, 503), `again` is
   called, with `page.typed` and `page.error`: fields made by `ui.field` fill themselves in, `ui.wrong()` says
   what was wrong. Where the session was over in the meantime, likewise after signing in: nothing typed is
   lost. A form with files is `enctype="multipart/form-data"` and declared with `files=4`; `with
   uploads(page.service, page.files("fake")) as kept:` (`catalogue.media.service`).
4. **Template.** `templates/AREA/NAME.html` extends `frame/layout.html`; its blocks are `title`, `main`,
   `head` and `width` (`narrow`, `wide`). `ui` is what pages are made of (`templates/frame/macros.html`):
   `word` (in every form), `field`, `select`, `choices`, `wrong`, `notice`, `badge`, `verdict`, `tier`,
   `state`, `time`, `ago`, `empty`, `table`, `pages`, `act`. Names and titles from outside stand in `<bdi>`.
   No inline script, handler or style: the policy forbids them.
5. **Script.** `static/AREA.js`, a module, loaded in the block `head` by its `asset('AREA.js')`. Send the
   header `X-Csrf` (`form.elements.csrf.value`) with what you fetch. htmx is there: to what it asks for
   (`page.fragment`) a template may answer that extends nothing. `static/AREA.css` holds the area's style.
6. **Messages.** `_("… %(name)s", name=…)` and `ngettext("%(count)s entry", "%(count)s entries", n)` in
   templates, `N_("…")` in code, numbers by `number(n)`. `make catalogues` puts them into
   `locale/LANGUAGE/AREA.po`, what the frame says into `frame.po`; translate there. A page is said in its
   own area's words first, so that one text may be said in two ways. Nothing is compiled.
7. **Test.** `tests/browser/test_AREA.py` with the fixtures of `tests/browser/conftest.py`.
   `tests/browser/shots/AREA.py` lists the area's pages, `then` what is done there where a page has no address
   of its own: each is held against WCAG by axe, and shot by `make screenshots`, which says whether one lacks.
"""
