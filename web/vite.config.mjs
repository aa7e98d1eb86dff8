import { svelte } from '@sveltejs/vite-plugin-svelte';
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';
import { precompress } from './precompress.mjs';

/** Where `npm run dev:web` finds the API; the server of `npm start`. */
const SERVER = 'http://127.0.0.1:3000';

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8');
const { version } = JSON.parse(read('../package.json'));

/** Puts the route table beside the pages, for the server (src/pages/page-paths.ts). */
const routeTable = {
  name: 'route-table',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'routes.json', source: read('src/app/routes.json') });
  },
};

export default defineConfig({
  plugins: [svelte(), routeTable, precompress()],
  define: { __VERSION__: JSON.stringify(version) },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // nothing inline: the content security policy allows none
    modulePreload: { polyfill: false }, // each browser that the pages are made for knows it
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { proxy: { '/api': SERVER } },
});
