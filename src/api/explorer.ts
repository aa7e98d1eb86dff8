import { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, getSchemaPath, OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { STATUS_CODES } from 'node:http';
import { ErrorDto } from './error.dto';
import { keepPageShare, prepare } from './explorer-interceptors';
import { explorerFilesAlone } from './explorer-files';
import { NO_ID } from './id';

const PATH = 'api/docs';

/** What the words at the top say of the proxy. */
export interface ProxyIntroduction {
  readonly prefix: string;
  /** The security scheme by which a token is given to it. */
  readonly scheme: string;
  /** The operation to try: its method and path. */
  readonly tryFirst: string;
}

/** The OpenAPI document at /api/docs-json and the explorer on it at /api/docs, with everything that can be called. */
export function setUpExplorer(
  app: NestExpressApplication,
  publicUrl: string,
  { prefix, scheme, tryFirst }: ProxyIntroduction,
  describeProxy: (document: OpenAPIObject) => OpenAPIObject,
): void {
  const description = [
    'Store your Anthropic key once; your agents call the proxy with your TraceVault token and never hold the key.',
    '',
    '1. **Sign up** (`POST /api/v1/auth/register`; with the code of an invite, where the server asks for one), or sign in ' +
      '(`POST /api/v1/auth/login`). Copy the `token` from the answer.',
    `2. **Authorize** (the button): paste it into both fields, \`bearer\` for the API and \`${scheme}\` for the proxy.`,
    '3. **Store your key** (`PUT /api/v1/me/anthropic-key`, with `check=true` if the provider is to be asked first).',
    `4. **Send a message** (\`${tryFirst}\`).`,
    '',
    `Agents use \`${publicUrl}${prefix}\` as their base URL, and a proxy token (\`POST /api/v1/me/proxy-tokens\`).`,
  ].join('\n');
  const options = new DocumentBuilder()
    .setTitle('TraceVault')
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'The token of your session (tvs_...).' },
      'bearer',
    )
    .addTag('auth', 'Signing up, in and out; sessions, device login, my password and my account')
    .addTag('me', 'My Anthropic key, my proxy tokens, what I did')
    .addTag('orgs', 'Organizations, their members, invites and API keys')
    .addTag('proxy', 'What agents call')
    .addTag('server', 'What a page has to know before sign-in')
    .addTag('health', 'For load balancers')
    .build();
  const document = describeProxy(
    withCommonRefusals(SwaggerModule.createDocument(app, options, { extraModels: [ErrorDto] })),
  );
  app.use(`/${PATH}`, explorerFilesAlone);
  SwaggerModule.setup(PATH, app, document, {
    jsonDocumentUrl: `${PATH}-json`,
    raw: ['json'],
    customSiteTitle: 'TraceVault API',
    customCss: '.swagger-ui .topbar { display: none }',
    swaggerOptions: {
      persistAuthorization: false,
      displayRequestDuration: true,
      requestInterceptor: prepare,
      responseInterceptor: keepPageShare,
    },
  });
}

/** What any endpoint of the API can answer, whoever wrote its handler. */
const COMMON: Record<number, string> = {
  429: 'Too many requests. Wait for the seconds in the Retry-After header, then try again.',
  500: 'Something went wrong on the server. Its log has the cause under request id req_tv_0123456789abcdef01234567.',
};
const COMMON_SIGNED_IN: Record<number, string> = {
  401: 'Not signed in.',
  403: "An organization's API key or a proxy token can't do this; or the session cookie came from a page of another site.",
};
const BAD_ID: Record<number, string> = { 400: `id ${NO_ID}` };
const COMMON_WITH_BODY: Record<number, string> = {
  413: 'The body is too large: at most 64 KB of JSON.',
  415: 'Send the body as plain UTF-8 JSON, with "Content-Type: application/json".',
};

function withCommonRefusals(document: OpenAPIObject): OpenAPIObject {
  for (const [path, item] of Object.entries(document.paths)) {
    if (!path.startsWith('/api/')) continue;
    for (const method of ['get', 'put', 'post', 'delete', 'patch'] as const) {
      const operation = item[method];
      if (operation === undefined) continue;
      const refusals: Record<number, string> = {
        ...COMMON,
        ...(operation.requestBody === undefined ? {} : COMMON_WITH_BODY),
        ...(operation.security === undefined ? {} : COMMON_SIGNED_IN),
        ...(path.includes('{id}') ? BAD_ID : {}),
      };
      operation.responses = { ...refusalResponses(refusals), ...operation.responses };
    }
  }
  return document;
}

function refusalResponses(refusals: Record<number, string>) {
  const schema = { $ref: getSchemaPath(ErrorDto) };
  return Object.fromEntries(
    Object.entries(refusals).map(([status, message]) => {
      const example = { statusCode: Number(status), error: STATUS_CODES[status], message };
      return [status, { description: message, content: { 'application/json': { schema, example } } }];
    }),
  );
}
