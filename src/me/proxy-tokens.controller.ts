import { Body, Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { ApiException } from '../api/api.exception';
import { IdParam } from '../api/id';
import { Refuses } from '../api/refuses';
import { AuditService } from '../audit/audit.service';
import { ClientInfo, RequestClientInfo } from '../audit/client-info';
import { CurrentUser } from '../auth/authenticated';
import { SignedInUser } from '../auth/principal';
import { MAX_PROXY_TOKENS, ProxyTokensService } from '../auth/proxy-tokens.service';
import { ProxyTokenEntity } from '../auth/proxy-token.entity';
import { OrgsService } from '../orgs/orgs.service';
import { CreateProxyTokenDto, NewProxyTokenDto, ProxyTokenDto, ProxyTokenNameDto } from './proxy-tokens.dto';

const DAY_MS = 86_400_000;
const NO_SUCH_TOKEN = 'You have no such proxy token.';
const TOO_MANY = `You have ${MAX_PROXY_TOKENS} proxy tokens, which is the limit. Revoke one that is not used any more, then try again.`;

@ApiTags('me')
@ApiBearerAuth()
@Controller('api/v1/me/proxy-tokens')
export class ProxyTokensController {
  constructor(
    private readonly tokens: ProxyTokensService,
    private readonly audit: AuditService,
    private readonly orgs: OrgsService,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'List my proxy tokens',
    description:
      'The newest first, expired ones too. Of each token what it begins and ends with, and never the whole.',
  })
  @ApiOkResponse({ type: [ProxyTokenDto] })
  async list(@CurrentUser() { userId }: SignedInUser): Promise<ProxyTokenDto[]> {
    const names = await this.orgNames(userId);
    const tokens = await this.tokens.list(userId);
    return tokens.map((token) => ProxyTokenDto.of(token, names(token)));
  }

  @Post()
  @ApiOperation({
    summary: 'Create a proxy token for an agent or a build server',
    description: 'It can call the proxy, and nothing else. The answer shows it, once.',
  })
  @ApiCreatedResponse({ type: NewProxyTokenDto })
  @Refuses('too_many_proxy_tokens', 'session_revoked', 'org_not_found')
  async create(
    @CurrentUser() user: SignedInUser,
    @Body() { name, expires_in_days: days, org }: CreateProxyTokenDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<NewProxyTokenDto> {
    const expiresAt = typeof days === 'number' ? new Date(Date.now() + days * DAY_MS) : null;
    const created = await this.tokens.create(user, {
      name,
      expiresAt,
      chooseOrg: (transaction) => this.orgs.orgForToken(transaction, user.userId, org),
    });
    if (created === 'too_many') throw new ApiException('too_many_proxy_tokens', TOO_MANY);
    if (created === 'session_revoked')
      throw new ApiException('session_revoked', 'Your session was revoked. Sign in again.');
    const orgName = (await this.orgNames(user.userId))(created.entity);
    const details = {
      proxy_token_id: created.entity.id,
      name,
      ...(orgName !== null && { org: orgName }),
      ...(expiresAt !== null && { expires_at: expiresAt.toISOString() }),
    };
    await this.audit.record({ action: 'proxy_token_created', actor: user, clientInfo, details });
    return NewProxyTokenDto.ofNew(created, orgName);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Rename one of my proxy tokens' })
  @ApiOkResponse({ type: ProxyTokenDto })
  @Refuses('proxy_token_not_found')
  async rename(
    @CurrentUser() user: SignedInUser,
    @IdParam('id') id: string,
    @Body() { name }: ProxyTokenNameDto,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<ProxyTokenDto> {
    const renamed = await this.tokens.rename(user.userId, id, name);
    if (renamed === undefined) throw new ApiException('proxy_token_not_found', NO_SUCH_TOKEN);
    const details = { proxy_token_id: renamed.id, name };
    await this.audit.record({ action: 'proxy_token_renamed', actor: user, clientInfo, details });
    return ProxyTokenDto.of(renamed, (await this.orgNames(user.userId))(renamed));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Revoke one of my proxy tokens',
    description: 'It is refused from the next request on; an answer that is being sent runs to its end.',
  })
  @ApiNoContentResponse()
  @Refuses('proxy_token_not_found')
  async revoke(
    @CurrentUser() user: SignedInUser,
    @IdParam('id') id: string,
    @RequestClientInfo() clientInfo: ClientInfo,
  ): Promise<void> {
    const revoked = await this.tokens.revoke(user.userId, id);
    if (revoked === undefined) throw new ApiException('proxy_token_not_found', NO_SUCH_TOKEN);
    const details = { proxy_token_id: revoked.id, name: revoked.name };
    await this.audit.record({ action: 'proxy_token_revoked', actor: user, clientInfo, details });
  }

  /** Returns a function that gives the name of a token's organization. */
  private async orgNames(userId: string): Promise<(token: ProxyTokenEntity) => string | null> {
    const memberships = await this.orgs.membershipsOf(userId);
    return ({ orgId }) => memberships.find(({ org }) => org.id === orgId)?.org.name ?? null;
  }
}
