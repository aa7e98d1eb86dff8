import { Provider } from './provider';
import { Route } from './route';

/** The parent path of all prefixes, and the route of the proxy's controller; server/proxy-first-adapter.ts handles it. */
export const PROXY_PATH = '/proxy';

/** Matches a target below the parent path; the group is the first segment behind it. */
const BELOW_PROXY = /^\/proxy(?:\/([^/?]*)|(?=\?)|$)/;

/** Matches the segment with which clients begin a path of the provider's API: it is no provider's id. */
const VERSION = /^(?:v\d+\w*)?$/;

/** Finds the provider of a request by its raw target. */
export class Routes {
  private readonly all: readonly Route[];
  private readonly byId: ReadonlyMap<string, Route>;
  /** The routes by the paths that their clients request at the root; longer paths are more specific and come first. */
  private readonly atRoot: readonly (readonly [path: string, route: Route])[];
  /** The route that applies to requests that are for no provider. */
  readonly first: Route;

  /** @param providers the table of providers (providers.ts), or a different one in tests. */
  constructor(providers: readonly [Provider, ...Provider[]]) {
    const [first, ...others] = providers;
    this.first = new Route(first);
    this.all = [this.first, ...others.map((provider) => new Route(provider))];
    this.byId = new Map(this.all.map((route) => [route.provider.id, route]));
    this.atRoot = this.all
      .flatMap((route) => route.provider.wrongBaseUrl.atRoot.map((path) => [path, route] as const))
      .sort(([one], [other]) => other.length - one.length); // stable: of equal paths the first row's counts
  }

  /** Returns the provider whose prefix a raw target is below, if there is one. */
  below(target: string): Route | undefined {
    if (target.startsWith('/')) {
      const id = BELOW_PROXY.exec(target)?.[1];
      const route = id === undefined ? undefined : this.byId.get(id);
      return route?.isBelow(target) ? route : undefined;
    }
    for (const route of this.all) if (route.isBelow(target)) return route; // absolute form
    return undefined;
  }

  /**
   * Returns the provider whose clients request a raw target below no prefix when their base URL is wrong.
   * @returns undefined for a target that no such client requests.
   */
  misplaced(target: string): Route | undefined {
    const below = BELOW_PROXY.exec(target);
    if (below === null) return this.askedAtRoot(target);
    const [all, id = ''] = below;
    return this.askedAtRoot(target.slice(VERSION.test(id) ? PROXY_PATH.length : all.length)) ?? this.first;
  }

  /** Returns the id in a raw target below the parent path that no provider has; undefined if there is none. */
  unknownId(target: string): string | undefined {
    const id = BELOW_PROXY.exec(target)?.[1];
    return id === undefined || VERSION.test(id) || this.byId.has(id) ? undefined : id;
  }

  /** Returns the provider with this id, as set on an exchange; the first provider when the exchange is for none. */
  get(id: string | undefined): Route {
    return (id === undefined ? undefined : this.byId.get(id)) ?? this.first;
  }

  /** Returns the provider with this id, if there is one that people may use. */
  find(id: string): Provider | undefined {
    const provider = this.byId.get(id)?.provider;
    return provider?.enabled === true ? provider : undefined;
  }

  /** Returns the provider whose key a text looks like; of several that fit, the one with the longest prefix. */
  ownerOfKey(text: string): Provider | undefined {
    let owner: Provider | undefined;
    for (const { provider } of this.all) {
      const { prefix } = provider.key;
      if (prefix !== '' && text.startsWith(prefix) && prefix.length > (owner?.key.prefix.length ?? 0))
        owner = provider;
    }
    return owner;
  }

  /** Returns all providers, in the order of the table. */
  list(): readonly Route[] {
    return this.all;
  }

  /** Returns the routes of the providers that people may use, in the order of the table. */
  enabled(): readonly Route[] {
    return this.all.filter(({ provider }) => provider.enabled);
  }

  private askedAtRoot(target: string): Route | undefined {
    for (const [path, route] of this.atRoot) {
      if (!target.startsWith(path)) continue;
      const following = target[path.length];
      if (following === undefined || following === '/' || following === '?') return route;
    }
    return undefined;
  }
}
