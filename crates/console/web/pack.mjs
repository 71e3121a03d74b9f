// Puts what Vite built into the crate: each file compressed, the page once for each path it is served under. The name of a
// file says its type; `.gz` stands behind all of them.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const target = process.argv[2] ?? at('../files');

/** The page, and what stands before its path. */
const pages = { 'index.html': '', 'index.rosterd.html': '/rosterd' };

function put(name, bytes) {
  const packed = gzipSync(bytes, { level: 9 });
  // The header names the system that packed it. It must be the same everywhere.
  packed[9] = 255;
  writeFileSync(`${target}/${name}.gz`, packed);
}

rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const name of readdirSync(at('dist/assets'))) put(name, readFileSync(at(`dist/assets/${name}`)));
const html = readFileSync(at('dist/index.html'), 'utf8').replaceAll(' crossorigin', '');
for (const [name, base] of Object.entries(pages)) {
  const page = html.replaceAll('./assets/', `${base}/console/assets/`).replaceAll('"/docs/', `"${base}/docs/`);
  put(name, Buffer.from(page));
}
