import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';

export class CaptureDto {
  @ApiProperty({
    example: true,
    description:
      'Whether the content of my calls is kept: requests and answers, encrypted with a key for each session. An organization may say otherwise for its calls.',
  })
  @IsBoolean()
  content!: boolean;
}
