import { OpenAPIObject } from '@nestjs/swagger';
import { ProxyIntroduction } from '../api/explorer';
import { Provider } from '../providers/provider';
import { ExplorerEndpoint } from '../providers/provider-explorer';
import { inMebibytes } from '../providers/route';
import { Routes } from '../providers/routes';

type PathItem = OpenAPIObject['paths'][string];
type Operation = NonNullable<PathItem['get']>;
type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head' | 'options';

/** Returns the facts about the proxy for the document's introduction, with one provider as the example. */
export function introduce({ prefix, tokenHeaders, explorer }: Provider): ProxyIntroduction {
  const [first] = explorer.endpoints;
  return {
    prefix,
    scheme: tokenHeaders[0] ?? 'bearer',
    tryFirst: `${(first?.method ?? 'get').toUpperCase()} ${prefix}${first?.path ?? '/'}`,
  };
}

/** Adds the proxy's endpoints to the document: for each provider the most tried ones, and a catch-all for all others. */
export function describeProxy(document: OpenAPIObject, routes: Routes): OpenAPIObject {
  const providers = routes.list().map(({ provider }) => provider);
  const errors = providers.map(({ explorer: { error } }) => [error.component, error.schema] as const);
  const schemes = providers
    .flatMap(({ tokenHeaders }) => tokenHeaders)
    .map((name) => [name, tokenScheme(name)] as const);
  return {
    ...document,
    components: {
      ...document.components,
      securitySchemes: { ...document.components?.securitySchemes, ...Object.fromEntries(schemes) },
      schemas: { ...document.components?.schemas, ...Object.fromEntries(errors) },
    },
    paths: { ...document.paths, ...Object.fromEntries(providers.flatMap(pathsOf)) },
  };
}

function tokenScheme(name: string) {
  const description = 'For the proxy: a proxy token (tvp_...), or that of your session.';
  return { type: 'apiKey', in: 'header', name, description } as const;
}

function pathsOf(provider: Provider): [path: string, item: PathItem][] {
  const { prefix, explorer } = provider;
  const named = explorer.endpoints.map((endpoint): [string, PathItem] => [
    prefix + endpoint.path,
    { [endpoint.method]: operationOf(endpoint, provider) },
  ]);
  return [...named, [`${prefix}/{path}`, catchAll(provider)]];
}

function operationOf(
  { summary, description, parameters, body, answer }: ExplorerEndpoint,
  provider: Provider,
): Operation {
  return operation(provider, summary, {
    ...(description !== undefined && { description }),
    parameters: [...parameters],
    ...(body !== undefined && { requestBody: json(body) }),
    responses: { 200: answerOf(answer.description, answer.example) },
  });
}

/**
 * Describes all other endpoints of a provider. OpenAPI has neither "any method" nor paths of any depth, so each method is
 * listed, and the path is one parameter whose slashes the explorer does not encode.
 */
function catchAll(provider: Provider): PathItem {
  const { examplePaths, parameters } = provider.explorer;
  const of = (method: Method): Operation =>
    operation(provider, `Any other endpoint (${method.toUpperCase()})`, {
      description: 'Any method, any path below it, any query: forwarded untouched.',
      parameters: [
        {
          name: 'path',
          in: 'path',
          required: true,
          schema: { type: 'string' },
          example: method === 'get' ? examplePaths.get : examplePaths.others,
        },
        ...parameters,
      ],
      ...(['post', 'put', 'patch'].includes(method) && { requestBody: json({}, false) }),
      responses: { 200: { description: "The vendor's answer, whatever it is" } },
    });
  return {
    get: of('get'),
    post: of('post'),
    put: of('put'),
    patch: of('patch'),
    delete: of('delete'),
    head: of('head'),
    options: of('options'),
  };
}

function operation(
  provider: Provider,
  summary: string,
  rest: Omit<Operation, 'summary' | 'tags' | 'security'>,
): Operation {
  const { tokenHeaders } = provider;
  return {
    tags: ['proxy'],
    summary,
    security: [...tokenHeaders.map((name) => ({ [name]: [] })), { bearer: [] }],
    ...rest,
    responses: { ...rest.responses, ...ownErrors(provider) },
  };
}

function json(example: unknown, required = true): Operation['requestBody'] {
  return { required, content: { 'application/json': { schema: { type: 'object' }, example } } };
}

function answerOf(description: string, example: unknown) {
  return { description, content: { 'application/json': { schema: { type: 'object' }, example } } };
}

/** Describes the proxy's own errors; the provider's errors are passed through verbatim beside them. */
function ownErrors({ name, key, bodyLimits, errors, explorer }: Provider): Operation['responses'] {
  const larger = bodyLimits.byPath.map(({ path, bytes }) => `${lastOf(path)}: ${inMebibytes(bytes)}`);
  const all = [
    [
      400,
      'api_error',
      'The path holds a ".." segment or says that the base URL is wrong, the target is in absolute form, there are two Host headers, or the method is TRACE',
    ],
    [
      401,
      'authentication_error',
      `No token, or an unknown, expired or revoked one; an API key of an organization, or ${key.called}, in its place; no ${name} key stored`,
    ],
    [
      403,
      'permission_error',
      'The organization does not allow the model, or the request does not name it in time',
    ],
    [
      413,
      'request_too_large',
      `The body is larger than ${inMebibytes(bodyLimits.byDefault)}${larger.length === 0 ? '' : ` (${larger.join(', ')})`}`,
    ],
    [
      429,
      'rate_limit_error',
      'A limit of the organization is reached; as many requests are open as this server allows one person, or in all; or too many unknown tokens came from the address',
    ],
    [426, 'api_error', 'The request asks for another protocol (Upgrade), which is not switched to'],
    [431, 'api_error', 'The request has more than 1,000 headers'],
    [500, 'api_error', "The stored key can't be decrypted, or TraceVault's store is unreachable"],
    [502, 'api_error', 'No answer from the upstream'],
    [503, 'api_error', 'The server is shutting down, or the limits can’t be checked'],
  ] as const;
  return Object.fromEntries(
    all.map(([status, type, message]) => {
      const body = errors.envelope({ status, type, message, requestId: 'req_tv_0123456789abcdef01234567' });
      const schema = { $ref: `#/components/schemas/${explorer.error.component}` };
      const content = { [errors.contentType]: { schema, example: JSON.parse(body) as unknown } };
      return [status, { description: message, content }];
    }),
  );
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
