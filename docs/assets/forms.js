// A recipe in each of its formats, as src/llmdocs/recipes/forms.py and programs.py write it: a test
// runs both on the same values. What they share as data comes from recipes.json.
export class Unwritable extends Error {
  constructor(name, problem, character) {
    super(`${name} ${problem}`)
    Object.assign(this, { variable: name, problem, character })
  }
}

// Python's white space: JavaScript's has U+FEFF too.
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
const NOT_BARE = new RegExp(`[${SPACE}\\x00-\\x1f\\x7f-\\x9f"'\`\\\\$&|;<>()]|(?:^|(?<=:))[~=]`, "u")
const UNWRITABLE = /[\0\p{Surrogate}]/u
const LONGEST_LINE = 64 * 1024 - 1
const NUMBER = /^(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e-?[0-9]+)?$/
const ESCAPES = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t" }
const HEAD = "from llmdocs import LLM\n\nllm = LLM.from_env()\n"
const FROM_ENVIRONMENT = "LLM.from_env()"
export const FROM_FILE = { env: 'LLM.from_env(".env")', toml: 'LLM.from_env(config="llm.toml")' }

// As Python's shlex.quote.
const shell = value =>
  value === "" ? "''" : /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'"'"'`)}'`

const escaped = character => {
  if (ESCAPES[character]) return ESCAPES[character]
  if (character === " " || !/[\p{C}\p{Z}]/u.test(character)) return character
  const code = character.codePointAt(0)
  const digits = code.toString(16)
  return code < 0x10000 ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`
}
const quoted = value => `"${[...value].map(escaped).join("")}"`
const inCompose = value => quoted(value).replaceAll("$", "$$$$")

const hostOf = address => {
  const netloc = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(address)?.[1]
  if (netloc === undefined) return ""
  const place = netloc.slice(netloc.lastIndexOf("@") + 1)
  const bracketed = /^\[([^\]]*)\]/.exec(place)
  return (bracketed ? bracketed[1] : place.split(":")[0]).toLowerCase()
}
const isThisMachine = address => {
  const host = hostOf(address).replace(/\.+$/, "")
  if (host === "localhost" || host.endsWith(".localhost")) return true
  const parts = host.split(".")
  if (parts.length === 4 && parts.every(part => /^(?:0|[1-9]\d{0,2})$/.test(part) && part < 256)) {
    return parts[0] === "127" || parts.every(part => part === "0")
  }
  if (!host.includes(":") || !URL.canParse(`http://[${host}]`)) return false
  const whole = new URL(`http://[${host}]`).hostname
  return ["[::1]", "[::]", "[::ffff:0:0]"].includes(whole) || whole.startsWith("[::ffff:7f")
}

export class Recipes {
  constructor(data) {
    this.data = data
  }

  inContainer(variables) {
    return variables.map(([name, value]) => {
      if (name !== "LLM_BASE_URL" || !isThisMachine(value)) return [name, value]
      const [, scheme, netloc, rest] = /^(.*?):\/\/([^/?#]*)([^]*)$/.exec(value)
      const user = netloc.slice(0, netloc.lastIndexOf("@") + 1)
      const port = /:\d+$/.exec(netloc.slice(user.length))?.[0] ?? ""
      return [name, `${scheme}://${user}${this.data.container.host}${port}${rest}`]
    })
  }

  // The text of a format that holds the variables, pairs of name and value. Throws `Unwritable`.
  written(variables, form) {
    for (const [name, value] of variables) {
      if (UNWRITABLE.test(value)) throw new Unwritable(name, "is not text that an environment can hold")
    }
    return this[form](variables).map(line => `${line}\n`).join("")
  }

  env(variables) {
    return variables.map(([name, value]) => {
      const obstacle = NOT_BARE.exec(value)
      if (obstacle) throw new Unwritable(name, "holds", obstacle[0])
      const line = `${name}=${value}`
      if (new TextEncoder().encode(line).length > LONGEST_LINE) throw new Unwritable(name, "is too long")
      return line
    })
  }

  bash(variables) {
    return variables.map(([name, value]) => `export ${name}=${shell(value)}`)
  }

  fish(variables) {
    return variables.map(([name, value]) => {
      const inQuotes = `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`
      return `set -gx ${name} ${/^[A-Za-z0-9_./:@+,=-]+$/.test(value) ? value : inQuotes}`
    })
  }

  powershell(variables) {
    return variables.map(([name, value]) => `$env:${name} = '${value.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`)
  }

  reachesTheMachine(variables) {
    return variables.some(([name, value]) => name === "LLM_BASE_URL" && hostOf(value) === this.data.container.host)
  }

  docker(variables) {
    return ["cat > .env <<'END'", ...this.env(this.inContainer(variables)), "END", ...this.dockerCommand(variables)]
  }

  dockerCommand(variables) {
    const { mapping, folder, image, command } = this.data.container
    const hosts = this.reachesTheMachine(this.inContainer(variables)) ? [`  --add-host ${mapping} \\`] : []
    return [
      "docker run --rm --env-file .env \\", ...hosts, `  -v "$PWD":${folder} -w ${folder} \\`,
      `  ${image} ${command.map(shell).join(" ")}`,
    ]
  }

  compose(variables) {
    const { mapping, folder, image, command } = this.data.container
    const contained = this.inContainer(variables)
    const hosts = this.reachesTheMachine(contained) ? ["    extra_hosts:", `      - ${mapping}`] : []
    return [
      "services:", "  chat:", `    image: ${image}`, `    command: [${command.map(inCompose).join(", ")}]`,
      `    working_dir: ${folder}`, "    volumes:", `      - .:${folder}`, ...hosts, "    environment:",
      ...contained.map(([name, value]) => `      ${name}: ${inCompose(value)}`),
    ]
  }

  literal(name, value) {
    return this.data.numeric.includes(name) && NUMBER.test(value) ? value : quoted(value)
  }

  toml(variables) {
    return ["[llm]", ...variables.map(([name, value]) => `${this.data.fields[name]} = ${this.literal(name, value)}`)]
  }

  python(variables) {
    return [
      "from llmdocs import LLM, Settings", "", "llm = LLM(", "    Settings(",
      ...variables.map(([name, value]) => `        ${this.data.fields[name]}=${this.literal(name, value)},`),
      "    )", ")",
    ]
  }

  // A program, as it reads the environment, whose client takes the recipe from the format instead.
  withClient(source, form, variables) {
    if (form === "python") return source.replace(HEAD, () => this.written(variables, form))
    return source.replace(FROM_ENVIRONMENT, FROM_FILE[form] ?? FROM_ENVIRONMENT)
  }

  // What a reader saves and types, in order: `name` is a file's, and null for a terminal.
  parts(variables, form, source) {
    const program = { name: "chat.py", text: this.withClient(source, form, variables) }
    const requirements = { name: "requirements.txt", text: `${this.data.requirement}\n` }
    const recipe = name => ({ name, text: this.written(variables, form) })
    const run = { name: null, text: "python chat.py\n" }
    switch (form) {
      case "env": return [recipe(".env"), program, run]
      case "toml": return [recipe("llm.toml"), program, run]
      case "python": return [program, run]
      case "docker": return [
        { name: ".env", text: this.written(this.inContainer(variables), "env") }, program, requirements,
        { name: null, text: this.dockerCommand(variables).map(line => `${line}\n`).join("") },
      ]
      case "compose": return [recipe("compose.yaml"), program, requirements, { name: null, text: "docker compose up\n" }]
      default: return [recipe(null), program, run]
    }
  }
}
