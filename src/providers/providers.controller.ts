import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { CONFIG, Config } from '../config/config';
import { Dialect, DIALECTS } from '../config/operator-provider';
import { Provider } from './provider';
import { Routes } from './routes';

class ProviderClientsDto {
  @ApiProperty({ description: 'The variable for the base URL.' })
  base_url!: string;

  @ApiProperty({ type: [String], description: 'The variables for the token.' })
  tokens!: string[];

  @ApiProperty({ description: 'The variable whose token goes out as `Authorization: Bearer`.' })
  bearer!: string;
}

class ProviderDto {
  @ApiProperty({ example: 'openai' })
  id!: string;

  @ApiProperty({ example: 'OpenAI' })
  label!: string;

  @ApiProperty({ description: 'The path on this server.' })
  prefix!: string;

  @ApiProperty({ format: 'uri', description: 'The base URL that clients use.' })
  base_url!: string;

  @ApiProperty({ enum: DIALECTS })
  dialect!: Dialect;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'What each key begins with; null for a provider whose keys have no known form.',
  })
  key_prefix!: string | null;

  @ApiProperty({ description: 'Whether this server forwards WebSockets to it (`TRACEVAULT_WEBSOCKETS`).' })
  websockets!: boolean;

  @ApiProperty({ type: ProviderClientsDto, description: 'The environment variables that its clients read.' })
  clients!: ProviderClientsDto;
}

/** The providers that people may use on this server. */
@ApiTags('server')
@ApiBearerAuth()
@Controller('api/v1/providers')
export class ProvidersController {
  constructor(
    private readonly routes: Routes,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List the providers', description: 'Those that are switched on.' })
  @ApiOkResponse({ type: [ProviderDto] })
  list(): ProviderDto[] {
    return this.routes.enabled().map(({ provider }) => this.dtoOf(provider));
  }

  private dtoOf({ id, name, prefix, dialect, key, webSockets, clients }: Provider): ProviderDto {
    const { baseUrl, tokens, bearer, path } = clients;
    return {
      id,
      label: name,
      prefix,
      base_url: this.config.http.publicUrl + prefix + path,
      dialect,
      key_prefix: key.prefix === '' ? null : key.prefix,
      websockets: this.config.webSockets && webSockets !== undefined,
      clients: { base_url: baseUrl, tokens: tokens.map(({ variable }) => variable), bearer },
    };
  }
}
