import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fileRows, type FileRow } from './file-rows.ts'
import type { RowFormat } from './import-plan.ts'

const csv: RowFormat = { type: 'delimited', delimiter: ',', quote: '"', header: true, names: null }
const dat: RowFormat = { type: 'delimited', delimiter: '::', quote: null, header: false, names: ['a', 'b'] }

describe('fileRows', () => {
  it.each([1, 2, 5, 1_000])(
    'keeps line numbers right over quoted line ends and empty lines (by %i bytes)',
    async (size) => {
      const rows = await read('\ufeffa,b\r\n1,"x\r\ny"\r\n\r\n2,"say ""x"", z"\r\n3,5" disk\r\n', csv, size)
      expect(rows.map(({ line }) => line)).toEqual([2, 5, 6])
      expect(rows.map(values)).toEqual([
        ['1', 'x\r\ny'],
        ['2', 'say "x", z'],
        ['3', '5" disk'],
      ])
      expect(rows[0]?.raw).toBe('1,"x\r\ny"')
    },
  )

  it('gives the raw text of a quoted row between long delimiters', async () => {
    const rows = await read('a::b\n"1::2"::é\n', { ...csv, delimiter: '::' })
    expect(rows.map((row) => [row.raw, values(row)])).toEqual([['"1::2"::é', ['1::2', 'é']]])
  })

  it('refuses a file whose quote swallows more than a line may hold', async () => {
    const text = `a,b\n1,x\n2,"${'y\n'.repeat(9_000_000)}`
    await expect(read(text, csv, 1 << 18)).rejects.toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })

  it('breaks the row whose quote never closes, at the line where it begins', async () => {
    const rows = await read('a,b\n1,x\n2,"open\n3,y\n', csv)
    expect(rows.map(({ type, line }) => [type, line])).toEqual([
      ['row', 2],
      ['broken', 3],
    ])
  })

  it('takes quotes literally in a file without quoting', async () => {
    const rows = await read('1::"Heat" (1995)\n2::The "Burbs\n', dat)
    expect(rows.map(values)).toEqual([
      ['1', '"Heat" (1995)'],
      ['2', 'The "Burbs'],
    ])
  })

  it('breaks a row with too many or too few columns, and goes on', async () => {
    const rows = await read('1::x\n2\n3::x::y\n4::z', dat)
    expect(rows.map(({ type, line }) => [type, line])).toEqual([
      ['row', 1],
      ['broken', 2],
      ['broken', 3],
      ['row', 4],
    ])
  })

  it('reads JSON lines by name and by path, and breaks what is no object', async () => {
    const rows = await read('{"a":1,"in":{"b":2}}\n\n[1]\n{"a"\n{"in.b":3}', { type: 'jsonl' })
    expect(rows.map(({ type, line }) => [type, line])).toEqual([
      ['row', 1],
      ['broken', 3],
      ['broken', 4],
      ['row', 5],
    ])
    expect(rows.map((row) => (row.type === 'row' ? [row.get('a'), row.get('in.b')] : null))).toEqual([
      [1, 2],
      null,
      null,
      [undefined, 3],
    ])
  })

  it('refuses a file without a column that is asked for, naming those it has', async () => {
    await expect(read('x,b\n1,2\n', csv)).rejects.toThrow(/no column 'a'; it has x, b/)
  })

  it('reads back any table of quoted text, however its bytes come', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r\n', 'é', '\u2028', ' ') })
    const table = fc.array(fc.tuple(cell, cell), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (rows, size) => {
        const text = rows.map((row) => row.map((value) => `"${value.replaceAll('"', '""')}"`).join(','))
        const found = await read(['a,b', ...text].join('\n'), csv, size)
        expect(found.map(values)).toEqual(rows)
        let line = 2
        for (const [place, row] of rows.entries()) {
          expect(found[place]?.line).toBe(line)
          line += 1 + row.join('').split('\n').length - 1
        }
      }),
      { numRuns: 60 },
    )
  })
})

async function read(text: string, format: RowFormat, chunk = 5): Promise<FileRow[]> {
  const rows: FileRow[] = []
  for await (const row of fileRows(inChunks(Buffer.from(text), chunk), format, ['a', 'b'])) rows.push(row)
  return rows
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

function values(row: FileRow): unknown {
  return row.type === 'row' ? [row.get('a'), row.get('b')] : row
}
