import { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { withErrors } from './documented-errors';
import { ErrorDto } from './error.dto';
import { keepPageShare, prepare, showAsPages } from './explorer-interceptors';
import { explorerFilesAlone } from './explorer-files';
import { EXPLORER_STYLE } from './explorer-style';

const PATH = 'api/docs';

/** What the document's description says about the proxy. */
export interface ProxyIntroduction {
  readonly prefix: string;
  /** The name of the security scheme for the proxy's token. */
  readonly scheme: string;
  /** The operation to try first: its method and path. */
  readonly tryFirst: string;
}

/** Creates the OpenAPI document of the API, without the proxy's endpoints. */
export function apiDocument(
  app: NestExpressApplication,
  publicUrl: string,
  { prefix, scheme, tryFirst }: ProxyIntroduction,
): OpenAPIObject {
  const description = [
    'Store your Anthropic key once; your agents call the proxy with your TraceVault token and never hold the key.',
    '',
    'Signed in to the pages in this browser? Then the calls of the API work at once: try `GET /api/v1/auth/me`. Otherwise:',
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
    .addTag('usage', 'What calls used and cost')
    .addTag('limits', 'What calls may cost, how many there may be, and with which models')
    .addTag('traces', 'What agents did in their sessions')
    .addTag('proxy', 'What agents call')
    .addTag('server', 'What a page has to know before sign-in')
    .addTag('health', 'For load balancers')
    .build();
  return withErrors(SwaggerModule.createDocument(app, options, { extraModels: [ErrorDto] }));
}

/**
 * Serves the document at /api/docs-json and its explorer at /api/docs.
 * @param document builds it, including the proxy's endpoints.
 * @param isBuiltNow whether it is built now, or for the first request.
 */
export function setUpExplorer(
  app: NestExpressApplication,
  document: () => OpenAPIObject,
  isBuiltNow: boolean,
): void {
  app.use(`/${PATH}`, explorerFilesAlone);
  SwaggerModule.setup(PATH, app, isBuiltNow ? document() : document, {
    jsonDocumentUrl: `${PATH}-json`,
    raw: ['json'],
    customSiteTitle: 'TraceVault API',
    customCss: EXPLORER_STYLE,
    swaggerOptions: {
      persistAuthorization: false,
      displayRequestDuration: true,
      requestInterceptor: prepare,
      responseInterceptor: keepPageShare,
      onComplete: showAsPages,
    },
  });
}
