import { Provider } from './provider';
import { Route } from './route';

/** Matches the parent path of all prefixes. A target below it but below no prefix is one of a client with a wrong base URL. */
const PROXY = /^\/proxy(?:[/?]|$)/;

/** Finds the provider of a request by its raw target. */
export class Routes {
  private readonly all: readonly Route[];
  private readonly byId: ReadonlyMap<string, Route>;
  /** The route that applies to requests that are for no provider. */
  readonly first: Route;

  /** @param providers the table of providers (providers.ts), or a different one in tests. */
  constructor(providers: readonly [Provider, ...Provider[]]) {
    const [first, ...others] = providers;
    this.first = new Route(first);
    this.all = [this.first, ...others.map((provider) => new Route(provider))];
    this.byId = new Map(this.all.map((route) => [route.provider.id, route]));
  }

  /** Returns the provider whose prefix a raw target is below, if there is one. */
  below(target: string): Route | undefined {
    for (const route of this.all) if (route.isBelow(target)) return route;
    return undefined;
  }

  /**
   * Returns the provider whose clients request a raw target below no prefix when their base URL is wrong.
   * @returns undefined for a target that no such client requests.
   */
  misplaced(target: string): Route | undefined {
    for (const route of this.all) if (route.isWrongAtRoot(target)) return route;
    return PROXY.test(target) ? this.first : undefined;
  }

  /** Returns the provider with this id, as set on an exchange; the first provider when the exchange is for none. */
  get(id: string | undefined): Route {
    return (id === undefined ? undefined : this.byId.get(id)) ?? this.first;
  }

  /** Returns all providers, in the order of the table. */
  list(): readonly Route[] {
    return this.all;
  }
}
