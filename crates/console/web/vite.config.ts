import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Where `npm run dev` finds a server. */
const server = process.env['ROSTERD_URL'] ?? 'http://127.0.0.1:8080';

export default defineConfig({
  // `pack.mjs` writes the paths that the page is served under.
  base: './',
  publicDir: false,
  appType: 'spa',
  resolve: {
    alias: { '@rosterd/client': fileURLToPath(new URL('../../client/typescript/src/index.ts', import.meta.url)) },
  },
  build: {
    target: 'es2022',
    // What is small stays a file: the policy of the page allows no `data:` script or style.
    assetsInlineLimit: 0,
    modulePreload: false,
    outDir: 'dist',
    emptyOutDir: true,
    rollupOptions: { output: { entryFileNames: 'assets/[name]-[hash].js', assetFileNames: 'assets/[name]-[hash][extname]' } },
  },
  server: { proxy: { '/api': server, '/docs': server, '/health': server, '/rosterd/api': server } },
});
