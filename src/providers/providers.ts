import { ANTHROPIC } from './anthropic';
import { Provider } from './provider';

/** The table of providers. The first one applies to requests that are for no provider. */
export const PROVIDERS: readonly [Provider, ...Provider[]] = [ANTHROPIC];

/** The route prefixes of the proxy's controller. Nest registers none of them: server/proxy-first-adapter.ts handles them. */
export const PREFIXES = PROVIDERS.map(({ prefix }) => prefix);
