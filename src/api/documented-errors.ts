import { getSchemaPath, OpenAPIObject } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import { ERROR_CODES, ErrorCode } from './error-codes';
import { ErrorDto } from './error.dto';
import { CONTROLLER_CODES, HANDLER_CODES } from './refuses';

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & {
  [HANDLER_CODES]?: ErrorCode[];
  [CONTROLLER_CODES]?: ErrorCode[];
};
type Responses = NonNullable<NonNullable<OpenAPIObject['components']>['responses']>;

/** The codes that any endpoint of the API can return, whatever its handler does. */
const COMMON: readonly ErrorCode[] = [
  'multiple_hosts',
  'unknown_host',
  'too_many_headers',
  'rate_limited',
  'internal_error',
  'database_unavailable',
];
const COMMON_SIGNED_IN: readonly ErrorCode[] = [
  'missing_token',
  'malformed_bearer',
  'missing_page_share',
  'invalid_token',
  'other_user_signed_in',
  'account_deleted',
  'org_api_key_refused',
  'proxy_token_refused',
  'cross_origin',
];
const COMMON_WITH_BODY: readonly ErrorCode[] = [
  'invalid_body',
  'request_timeout',
  'body_too_large',
  'unsupported_media_type',
];

/**
 * Adds the errors of each endpoint under /api to the document: those that its handler and controller declare with
 * `@Refuses()`, and those that it shares with other endpoints.
 */
export function withErrors(document: OpenAPIObject): OpenAPIObject {
  const shared: Responses = {};
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith('/api/')) continue;
    for (const method of ['get', 'put', 'post', 'delete', 'patch'] as const) {
      const operation: Operation | undefined = item[method];
      if (operation === undefined) continue;
      const { [HANDLER_CODES]: own = [], [CONTROLLER_CODES]: ofController = [], ...rest } = operation;
      const codes = new Set([...own, ...ofController, ...commonCodes(path, operation)]);
      item[method] = { ...rest, responses: { ...rest.responses, ...errorResponses([...codes], shared) } };
    }
  }
  return { ...document, components: { ...document.components, responses: shared } };
}

function commonCodes(path: string, { parameters = [], security, requestBody }: Operation): ErrorCode[] {
  const hasQuery = parameters.some((parameter) => 'in' in parameter && parameter.in === 'query');
  return [
    ...(path.includes('{id}') ? (['invalid_id'] as const) : []),
    ...(path.includes('{') ? (['bad_request'] as const) : []), // a path parameter may not be decodable
    ...(hasQuery ? (['invalid_query'] as const) : []),
    ...(security === undefined ? [] : COMMON_SIGNED_IN),
    ...(requestBody === undefined ? [] : COMMON_WITH_BODY),
    ...COMMON,
  ];
}

/** @param shared collects each response that has a single code, under the name of that code. */
function errorResponses(codes: readonly ErrorCode[], shared: Responses): Operation['responses'] {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of codes) {
    const { status } = ERROR_CODES[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses = [...byStatus].map(([status, [code, ...more]]) => {
    if (code === undefined || more.length > 0)
      return [status, errorResponse(status, byStatus.get(status) ?? [])];
    shared[code] ??= errorResponse(status, [code]);
    return [status, { $ref: `#/components/responses/${code}` }];
  });
  return Object.fromEntries(responses) as Operation['responses'];
}

function errorResponse(status: number, codes: readonly ErrorCode[]): Responses[string] {
  const meanings = codes.map((code) => `- \`${code}\`: ${ERROR_CODES[code].meaning}`);
  const [example] = codes.map((code) => {
    const { meaning: message } = ERROR_CODES[code];
    return { statusCode: status, error: STATUS_CODES[status], message, errors: [{ code, message }] };
  });
  return {
    description: meanings.join('\n'),
    content: { 'application/json': { schema: { $ref: getSchemaPath(ErrorDto) }, example } },
    'x-error-codes': codes,
  } as Responses[string];
}
