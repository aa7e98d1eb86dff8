import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Where `npm run dev:web` finds the API; the server of `npm start`. */
const SERVER = 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // nothing inline: the content security policy allows none
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { proxy: { '/api': SERVER } },
});
