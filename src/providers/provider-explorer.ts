import { OpenAPIObject } from '@nestjs/swagger';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Components = NonNullable<OpenAPIObject['components']>;

/** The part of a provider's API that the API explorer documents; a catch-all covers the rest. */
export interface ProviderExplorer {
  /** The endpoints that are documented individually: those that people try most. */
  readonly endpoints: readonly ExplorerEndpoint[];
  /** The parameters of every endpoint. */
  readonly parameters: NonNullable<Operation['parameters']>;
  /** Example paths for the catch-all, without a leading slash. */
  readonly examplePaths: { readonly get: string; readonly others: string };
  /** The schema of error responses, as a component of the OpenAPI document. */
  readonly error: { readonly component: string; readonly schema: NonNullable<Components['schemas']>[string] };
}

export interface ExplorerEndpoint {
  readonly method: 'get' | 'post';
  /** The path below the provider's prefix, with a leading slash. */
  readonly path: string;
  readonly summary: string;
  readonly description?: string;
  readonly parameters: NonNullable<Operation['parameters']>;
  /** The example body of the request, if it has one. */
  readonly body?: unknown;
  readonly answer: { readonly description: string; readonly example: unknown };
}
