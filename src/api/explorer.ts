import { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { Application } from 'express';

const PATH = 'api/docs';

/** The OpenAPI document at /api/docs-json and the explorer on it at /api/docs, with everything that can be called. */
export function setUpExplorer(
  app: NestExpressApplication,
  publicUrl: string,
  describeProxy: (document: OpenAPIObject) => OpenAPIObject,
): void {
  const description = [
    'Store your Anthropic key once; your agents call the proxy with your TraceVault token and never hold the key.',
    '',
    '1. **Sign up** (`POST /api/v1/auth/register`), copy the `token` from the answer.',
    '2. **Authorize** (the button): paste it into both fields, `bearer` for the API and `x-api-key` for the proxy.',
    '3. **Store your key** (`PUT /api/v1/me/anthropic-key`).',
    '4. **Send a message** (`POST /proxy/anthropic/v1/messages`).',
    '',
    `Agents use \`${publicUrl}/proxy/anthropic\` as their base URL.`,
  ].join('\n');
  const options = new DocumentBuilder()
    .setTitle('TraceVault')
    .setDescription(description)
    .setVersion('1')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'Your TraceVault token (tvs_...).' },
      'bearer',
    )
    .addApiKey(
      { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The same token, for the proxy.' },
      'x-api-key',
    )
    .addTag('auth', 'Signing up, in and out; sessions')
    .addTag('me', 'My Anthropic key')
    .addTag('orgs', 'Organizations and their API keys')
    .addTag('proxy', 'What agents call')
    .addTag('health', 'For load balancers')
    .build();
  const document = describeProxy(SwaggerModule.createDocument(app, options));
  SwaggerModule.setup(PATH, app, document, {
    jsonDocumentUrl: `${PATH}-json`,
    raw: ['json'],
    customSiteTitle: 'TraceVault API',
    swaggerOptions: {
      persistAuthorization: false,
      displayRequestDuration: true,
      requestInterceptor: keepSlashes,
    },
  });
  (app.getHttpAdapter().getInstance() as Application).get('/', (_request, response) => {
    response.redirect(302, `/${PATH}`);
  });
}

/** Runs in the browser. Swagger UI would send the catch-all's `v1/models/x` as one encoded segment. */
function keepSlashes(request: { url: string }): { url: string } {
  const [path = '', ...query] = request.url.split('?');
  if (path.includes('/proxy/anthropic/')) request.url = [path.replace(/%2F/gi, '/'), ...query].join('?');
  return request;
}
