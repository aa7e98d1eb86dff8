/** The version of TraceVault, which web/vite.config.mjs puts in. */
declare const __VERSION__: string;
