import { Controller, Get, Header, Res } from '@nestjs/common';
import {
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiServiceUnavailableResponse,
  ApiTags,
} from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import { SkipThrottle } from '@nestjs/throttler';
import { Response } from 'express';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { Public } from '../api/public';
import { DrainService } from './drain.service';

const DATABASE_ANSWERS_WITHIN_MS = 2_000;

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
@SkipThrottle({ default: true, account: true })
@Controller('health')
export class HealthController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
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
    description: 'Database reachable, migrations applied, not draining.',
  })
  @ApiOkResponse({ type: ReadyDto })
  @ApiServiceUnavailableResponse({ type: ReadyDto })
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadyDto> {
    const database = (await this.databaseAnswers()) ? 'up' : 'down';
    const draining = this.drain.isDraining;
    const status = database === 'up' && !draining ? 'ok' : 'unavailable';
    if (status !== 'ok') response.status(503);
    return { status, database, draining };
  }

  private async databaseAnswers(): Promise<boolean> {
    const giveUp = new AbortController();
    const answer = this.dataSource.query('SELECT 1').then(
      () => true,
      () => false,
    );
    const late = sleep(DATABASE_ANSWERS_WITHIN_MS, false, { signal: giveUp.signal }).catch(() => false);
    const answers = await Promise.race([answer, late]);
    giveUp.abort();
    return answers;
  }
}
