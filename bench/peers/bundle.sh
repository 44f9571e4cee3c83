#!/usr/bin/env bash
# tfjs ships modules that Node cannot import as they are: bundle it once.
set -euo pipefail
cd "$(dirname "$0")"
node_modules/.bin/esbuild tfjs.mjs --bundle --platform=node --format=esm --main-fields=module,main --outfile=tfjs.bundle.mjs --log-level=error \
  --banner:js='import{createRequire as __cr}from"node:module";import{fileURLToPath as __fu}from"node:url";import{dirname as __dn}from"node:path";const require=__cr(import.meta.url),__filename=__fu(import.meta.url),__dirname=__dn(__filename);'
