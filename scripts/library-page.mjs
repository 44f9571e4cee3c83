/** Writes `docs/library.md` from the library and its analysis: `node scripts/library-page.mjs` after a build; a test compares. */
import { writeFileSync } from "node:fs";
import { libraryPage } from "../dist/tools/library/page.js";

writeFileSync(new URL("../docs/library.md", import.meta.url), libraryPage());
