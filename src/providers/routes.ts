import { Provider } from './provider';
import { Route } from './route';

/** Below this path are all prefixes; what is below it and below none of them belongs to a client whose base URL is wrong. */
const PROXY = /^\/proxy(?:[/?]|$)/;

/** Where to: finds a request's provider by its raw target. */
export class Routes {
  private readonly all: readonly Route[];
  private readonly byId: ReadonlyMap<string, Route>;
  /** Answers for requests that name no provider. */
  readonly first: Route;

  /** @param providers the table (providers.ts), or another one in tests. */
  constructor(providers: readonly [Provider, ...Provider[]]) {
    const [first, ...others] = providers;
    this.first = new Route(first);
    this.all = [this.first, ...others.map((provider) => new Route(provider))];
    this.byId = new Map(this.all.map((route) => [route.provider.id, route]));
  }

  /** The provider below whose prefix a raw target is. */
  below(target: string): Route | undefined {
    for (const route of this.all) if (route.isBelow(target)) return route;
    return undefined;
  }

  /** The provider whose clients end up at a raw target, below no prefix, when their base URL is wrong. */
  misplaced(target: string): Route | undefined {
    for (const route of this.all) if (route.isWrongAtRoot(target)) return route;
    return PROXY.test(target) ? this.first : undefined;
  }

  /** The provider that was found for an exchange; the first one for an exchange that is for none. */
  get(id: string | undefined): Route {
    return (id === undefined ? undefined : this.byId.get(id)) ?? this.first;
  }

  list(): readonly Route[] {
    return this.all;
  }
}
