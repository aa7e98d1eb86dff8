import { Controller, Get, Header, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { SkipThrottle } from '@nestjs/throttler';
import { Response } from 'express';
import { Public } from '../api/public';
import { DatabaseProbe } from './database-probe';
import { DrainService } from '../server/drain.service';

class LiveDto {
  @ApiProperty({ example: 'ok' })
  status!: 'ok';
}

class ReadyDto {
  @ApiProperty({ enum: ['ok', 'unavailable'] })
  status!: 'ok' | 'unavailable';

  @ApiProperty({
    enum: ['up', 'down'],
    description: 'Migrations were applied before the server began to listen.',
  })
  database!: 'up' | 'down';

  @ApiProperty({
    description: 'Whether the server is shutting down: open streams run on, new ones go elsewhere.',
  })
  draining!: boolean;
}

@ApiTags('health')
@Public()
@SkipThrottle()
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: DatabaseProbe,
    private readonly drain: DrainService,
  ) {}

  @Get('live')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Does the process run', description: 'If not: restart it.' })
  @ApiOkResponse({ type: LiveDto })
  live(): LiveDto {
    return { status: 'ok' };
  }

  @Get('ready')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'Should it get traffic',
    description:
      'Database reachable, migrations applied, not draining. The database is asked at most once a second.',
  })
  @ApiOkResponse({ type: ReadyDto })
  @ApiServiceUnavailableResponse({ type: ReadyDto })
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadyDto> {
    // A load balancer must learn of a drain immediately, not after a slow database has responded.
    const isUp = this.drain.isDraining ? this.database.lastKnown : await this.database.answers();
    const database = isUp ? 'up' : 'down';
    const draining = this.drain.isDraining;
    const status = database === 'up' && !draining ? 'ok' : 'unavailable';
    if (status !== 'ok') response.status(503);
    return { status, database, draining };
  }
}
