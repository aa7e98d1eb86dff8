import { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Components = NonNullable<OpenAPIObject['components']>;

/** What the explorer shows of a provider's API, beside a catch-all for the rest. */
export interface ProviderExplorer {
  /** The endpoints that a tester tries most. */
  readonly endpoints: readonly ExplorerEndpoint[];
  /** What any endpoint takes. */
  readonly parameters: NonNullable<Operation['parameters']>;
  /** Paths for the catch-all, without a slash in front. */
  readonly examplePaths: { readonly get: string; readonly others: string };
  /** The error body, as a component of the OpenAPI document. */
  readonly error: { readonly component: string; readonly schema: NonNullable<Components['schemas']>[string] };
}

export interface ExplorerEndpoint {
  readonly method: 'get' | 'post';
  /** Behind the prefix. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters: NonNullable<Operation['parameters']>;
  /** The body of the request, where it has one. */
  readonly body?: unknown;
  readonly answer: { readonly description: string; readonly example: unknown };
}
