import { codecContract } from '#schemas/ports/codec.contract.ts'
import { avroCodec } from './codec.ts'

codecContract('Avro', avroCodec())
