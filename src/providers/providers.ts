import { ANTHROPIC } from './anthropic';
import { Provider } from './provider';

/** The providers that this server knows. The first one answers for requests that name none. */
export const PROVIDERS: readonly [Provider, ...Provider[]] = [ANTHROPIC];

/** What the proxy's controller asks Nest for, which leaves these requests to it (server/proxy-first-adapter.ts). */
export const PREFIXES = PROVIDERS.map(({ prefix }) => prefix);
