import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Builds one page with each part of the pages, for test/web/parts.web-spec.ts, which names the folder to build it in. */
export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    emptyOutDir: true,
    rolldownOptions: { checks: { pluginTimings: false } },
  },
});
