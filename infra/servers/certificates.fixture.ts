import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { ServerTls } from './server-tls.ts'
import { findTool } from './tools.ts'

const run = promisify(execFile)

export interface Certificates {
  /** For the server's end: a certificate of 127.0.0.1 and localhost. */
  readonly server: ServerTls
  /** For the client's end. */
  readonly client: { readonly caFile: string; readonly certFile: string; readonly keyFile: string }
}

/** An authority of its own, with a certificate for a server and one for a client, valid for a day. */
export async function makeCertificates(dir: string): Promise<Certificates> {
  await mkdir(dir, { recursive: true })
  const openssl = await findTool('openssl')
  const authority = files(dir, 'ca')
  const newKey = ['-newkey', 'rsa:2048', '-noenc']
  const selfSigned = ['req', '-x509', ...newKey, '-subj', '/CN=Millrace tests', '-days', '1']
  const mayOnlySign = ['-addext', 'keyUsage=critical,keyCertSign']
  const out = ['-keyout', authority.keyFile, '-out', authority.certFile]
  await run(openssl, [...selfSigned, ...mayOnlySign, ...out])

  const signer = ['-CA', authority.certFile, '-CAkey', authority.keyFile]
  const sign = async (name: string, extensions: string) => {
    const { certFile, keyFile } = files(dir, name)
    const request = join(dir, `${name}.csr`)
    const extensionFile = join(dir, `${name}.ext`)
    await writeFile(extensionFile, extensions)
    await run(openssl, ['req', ...newKey, '-subj', `/CN=${name}`, '-keyout', keyFile, '-out', request])
    const signed = ['-days', '1', '-extfile', extensionFile, '-out', certFile]
    await run(openssl, ['x509', '-req', '-in', request, ...signer, '-CAcreateserial', ...signed])
    return { certFile, keyFile }
  }
  const server = await sign(
    'server',
    'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n',
  )
  const client = await sign('client', 'extendedKeyUsage=clientAuth\n')

  const certAndKeyFile = join(dir, 'server-with-key.pem')
  const key = await readFile(server.keyFile, 'utf8')
  const certificate = await readFile(server.certFile, 'utf8')
  await writeFile(certAndKeyFile, `${key}${certificate}`, { mode: 0o600 })
  const caFile = authority.certFile
  return { server: { ...server, caFile, certAndKeyFile }, client: { ...client, caFile } }
}

function files(dir: string, name: string): { readonly certFile: string; readonly keyFile: string } {
  return { certFile: join(dir, `${name}.pem`), keyFile: join(dir, `${name}.key`) }
}
