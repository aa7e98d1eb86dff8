import { All, Controller, Req, Res, UseFilters, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Public } from '../api/public';
import { CurrentCaller } from '../auth/authenticated';
import { ProxyCaller } from '../auth/principal';
import { CredentialsService } from '../credentials/credentials.service';
import { DecryptionError } from '../credentials/encryption.service';
import { clientOf } from '../logging/client';
import { outcomeOf } from '../logging/request-log';
import { bodyLimit } from './body-limit';
import { ForwardingService } from './forwarding.service';
import { OpenRequests } from './open-requests';
import { upstreamPath } from './path-guard';
import { ProxyError } from './proxy-error';
import { ProxyErrorFilter } from './proxy-error.filter';
import { PROXY_PREFIX } from './proxy-route';
import { ProxyGuard } from './proxy.guard';

/** The main job: who is calling (the guard) -> whose key -> forward -> stream back. */
@Controller()
@Public() // for the API's guard; the proxy has its own, which answers in Anthropic's envelope
@UseGuards(ProxyGuard)
@UseFilters(ProxyErrorFilter)
@SkipThrottle() // an agent's two hundred parallel calls are normal
@ApiExcludeController() // described by hand in proxy.openapi.ts: one handler, many endpoints
export class ProxyController {
  constructor(
    private readonly credentials: CredentialsService,
    private readonly forwarding: ForwardingService,
    private readonly open: OpenRequests,
  ) {}

  @All(PROXY_PREFIX)
  async forward(
    @CurrentCaller() caller: ProxyCaller,
    @Req() request: IncomingMessage,
    @Res() response: ServerResponse,
  ): Promise<void> {
    if (request.method === 'TRACE') throw new ProxyError('trace_refused');
    const path = upstreamPath(request.url ?? '');
    this.open.admit(caller.userId, response);
    const anthropicKey = await this.anthropicKeyOf(caller);
    this.noteUseWhenOver(caller, request, response);
    const { userId } = caller;
    await this.forwarding.forward(request, response, {
      path,
      bodyLimit: bodyLimit(path),
      anthropicKey,
      userId,
    });
  }

  /** However it ends, and only then: the stream comes first. */
  private noteUseWhenOver(
    { userId }: ProxyCaller,
    { headers }: IncomingMessage,
    response: ServerResponse,
  ): void {
    const at = new Date().toISOString();
    response.once('close', () => {
      const client = clientOf(headers);
      const status = response.headersSent ? response.statusCode : null;
      this.credentials.noteUse(userId, { at, client, status, outcome: outcomeOf(response) });
    });
  }

  private async anthropicKeyOf({ userId }: ProxyCaller): Promise<string> {
    let key: string | undefined;
    try {
      key = await this.credentials.reveal(userId);
    } catch (cause) {
      throw new ProxyError(cause instanceof DecryptionError ? 'key_unreadable' : 'store_unreachable', cause);
    }
    if (key === undefined) throw new ProxyError('no_anthropic_key');
    return key;
  }
}
