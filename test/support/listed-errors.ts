import { OpenAPIObject } from '@nestjs/swagger';

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
/** Matches the OAuth endpoints, whose error responses have OAuth's code in `error` and no list of errors. */
const OAUTH = /^\/api\/v1\/auth\/device\/(authorize|token)$/;

interface Listed {
  readonly 'x-error-codes'?: readonly string[];
  readonly $ref?: string;
}

/** Returns the error codes that the OpenAPI document lists for a response of an endpoint. */
export function listedCodes(document: OpenAPIObject, response: object | undefined): readonly string[] {
  const { $ref, ...own } = (response ?? {}) as Listed;
  const named = (
    $ref === undefined ? own : document.components?.responses?.[$ref.split('/').at(-1)!]
  ) as Listed;
  return named['x-error-codes'] ?? [];
}

/**
 * Asserts that the OpenAPI document lists an endpoint's error response.
 * @throws Error when the endpoint does not list the code, or the response has none.
 */
export async function assertListed(
  document: OpenAPIObject,
  { method, path }: { readonly method: string; readonly path: string },
  response: Response,
): Promise<void> {
  if (!(response.headers.get('content-type') ?? '').includes('json')) return;
  const responses = responsesOf(document, method, path);
  if (responses === undefined) return; // the document has no such endpoint
  const where = `${method} ${path} answered ${response.status}`;
  const { errors } = (await response.clone().json()) as { errors?: { code: string; message: string }[] };
  if (errors === undefined) {
    if (OAUTH.test(path)) return;
    throw new Error(`${where} without codes`);
  }
  const listed = listedCodes(document, responses[response.status]);
  for (const { code } of errors)
    if (!listed.includes(code))
      throw new Error(
        `${where} with the code ${code}, which is not listed in @Refuses(): ${listed.join(', ')}`,
      );
}

function responsesOf(document: OpenAPIObject, method: string, path: string) {
  const word = METHODS.find((one) => one === method.toLowerCase());
  if (word === undefined) return undefined;
  const exact = document.paths[path]?.[word];
  if (exact !== undefined) return exact.responses as Record<string, object | undefined>;
  const [, found] =
    Object.entries(document.paths).find(
      ([template, item]) => item[word] !== undefined && pattern(template).test(path),
    ) ?? [];
  return found?.[word]?.responses as Record<string, object | undefined> | undefined;
}

function pattern(template: string): RegExp {
  return new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`);
}
