import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../api/public';
import { SigningKeysService } from '../credentials/signing-keys.service';
import { SealKeyDto, SealKeysDto } from './seals.dto';

/** The public keys of the seals, for everybody who checks one. */
@ApiTags('seals')
@Public()
@Controller('api/v1/seals')
export class SealKeysController {
  constructor(private readonly keys: SigningKeysService) {}

  @Get('key')
  @ApiOperation({
    summary: 'The public keys that seals are signed with',
    description: 'None until the first call or event is sealed, a minute after it.',
  })
  @ApiOkResponse({ type: SealKeysDto })
  async list(): Promise<SealKeysDto> {
    return { keys: (await this.keys.list()).map((key) => SealKeyDto.of(key)) };
  }
}
