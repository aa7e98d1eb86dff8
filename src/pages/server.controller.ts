import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Public } from '../api/public';
import { UsersService } from '../auth/users.service';
import { CONFIG, Config, Registration, REGISTRATIONS } from '../config/config';
import { ANTHROPIC } from '../providers/anthropic';

class ServerDto {
  @ApiProperty({ format: 'uri', example: 'http://127.0.0.1:3000', description: 'The URL that people use.' })
  public_url!: string;

  @ApiProperty({
    format: 'uri',
    example: `http://127.0.0.1:3000${ANTHROPIC.prefix}`,
    description: 'The base URL that agents use.',
  })
  proxy_base_url!: string;

  @ApiProperty({ description: 'Whether nobody has signed up yet.' })
  first_start!: boolean;

  @ApiProperty({
    enum: REGISTRATIONS,
    description: 'Who may sign up: anybody, who has an invite, or nobody. The first person always may.',
  })
  registration!: Registration;
}

/** The public endpoint with the facts that a page needs before anyone is signed in. */
@ApiTags('server')
@Public()
@Controller('api/v1/server')
export class ServerController {
  constructor(
    private readonly users: UsersService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @ApiOperation({ summary: 'About this server', description: 'Its addresses, and whether it is brand-new.' })
  @ApiOkResponse({ type: ServerDto })
  async about(): Promise<ServerDto> {
    const { publicUrl } = this.config.http;
    return {
      public_url: publicUrl,
      proxy_base_url: `${publicUrl}${ANTHROPIC.prefix}`,
      first_start: !(await this.users.hasUsers()),
      registration: this.config.registration,
    };
  }
}
