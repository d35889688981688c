// Sends every TCP connection of this Node process to the mocked providers.
//
// The twin of `sitecustomize.py`, which says what is redirected and what is refused. `llmdocs mock`
// names this file in NODE_OPTIONS: Node runs it before the program, in its threads and in the Node
// processes that it starts. Node's fetch, `http`, `https`, `http2`, `net` and `tls` all connect by
// the one method that is replaced here. It uses Node's own modules alone.
"use strict";

const dgram = require("dgram");
const dns = require("dns");
const { syncBuiltinESMExports } = require("module");
const net = require("net");

const STAND_IN_ADDRESS = "192.0.2.1"; // RFC 5737
const LOCALHOST = "localhost";
const LOOPBACK = "127.0.0.1";
const INVALID = ".invalid"; // RFC 6761, section 6.4
// As the URL standard writes them, which reads every form of an IPv4 address that the system does.
const OWN = /^(?:127\.[0-9.]+|0\.0\.0\.0|\[::1?\]|\[::ffff:(?:7f[0-9a-f]{2}:[0-9a-f]{1,4}|0:0)\])$/;

// This machine as `host` names it, in its plain form; null if it names another.
function ownAddress(host) {
  const name = host.toLowerCase().replace(/\.$/, "");
  if (name === LOCALHOST || name.endsWith(`.${LOCALHOST}`)) return LOCALHOST;
  // A zone, as in `::1%lo`, is no part of an address.
  const address = host.replace(/%.*/, "");
  if (/[/?#@\s]/.test(address)) return null;
  try {
    const { hostname } = new URL(`http://${address.includes(":") ? `[${address}]` : address}`);
    return OWN.test(hostname) ? hostname.replace(/[[\]]/g, "") : null;
  } catch {
    return null;
  }
}

function resolves(host) {
  return !`.${host.toLowerCase().replace(/\.+$/, "")}`.endsWith(INVALID);
}

// What the system's own resolver says of a name that has no address.
function notFound(host) {
  const about = { errno: -3008, code: "ENOTFOUND", syscall: "getaddrinfo", hostname: host };
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), about);
}

function unreachable(host) {
  const said = `llmdocs mock: nothing reaches the network, and ${JSON.stringify(host)} was asked for`;
  return Object.assign(new Error(said), { code: "ENETUNREACH" });
}

// An error to the callback that is a function's last argument, or to its promise.
function failing(rest, error) {
  const callback = rest.at(-1);
  if (typeof callback !== "function") return Promise.reject(error);
  process.nextTick(callback, error);
}

// The options of a connection, in whichever form net.Socket.connect was given them, but for those
// of a socket in the file system.
function internetTarget(given) {
  const [first, second] = Array.isArray(given[0]) ? given[0] : given;
  if (typeof first === "object" && first !== null) return first.path ? null : first;
  if (typeof first === "string" && Number.isNaN(Number(first))) return null;
  return { port: first, host: typeof second === "string" ? second : LOCALHOST };
}

// `target`, led to the mocks where it is not for this machine itself. A local provider has no TLS:
// whoever asks for its port, on any host, is led to a port without.
function redirected(target, port, httpOnlyPort, localPorts) {
  const host = String(target.host || LOCALHOST);
  const own = ownAddress(host);
  const asked = Number(target.port);
  const isLocal = localPorts.has(asked);
  if ((own && !isLocal) || !resolves(host)) return target; // it is looked up below
  if (!(asked > 0 && asked <= 65535)) return { ...target, host: LOOPBACK }; // Node refuses it
  return { ...target, host: LOOPBACK, port: isLocal ? httpOnlyPort : port };
}

function replace(owner, name, make) {
  const original = owner[name];
  const replacement = make(original);
  // What util.promisify reads.
  for (const key of Object.getOwnPropertySymbols(original)) replacement[key] = original[key];
  owner[name] = replacement;
}

function install(port, httpOnlyPort, localPorts) {
  replace(net.Socket.prototype, "connect", (connect) => function (...given) {
    const target = internetTarget(given);
    if (!target) return connect.apply(this, given);
    const last = (Array.isArray(given[0]) ? given[0] : given).at(-1);
    const callback = typeof last === "function" ? [last] : [];
    return connect.call(this, redirected(target, port, httpOnlyPort, localPorts), ...callback);
  });

  // This machine is found, and any other host is the stand-in.
  for (const owner of [dns, dns.promises]) {
    replace(owner, "lookup", (lookup) => function (host, ...rest) {
      if (typeof host !== "string" || !host || net.isIP(host)) return lookup(host, ...rest);
      if (!resolves(host)) return failing(rest, notFound(host));
      return lookup(ownAddress(host) ?? STAND_IN_ADDRESS, ...rest);
    });
  }

  // These ask a server whatever they are given.
  const { Resolver, promises } = dns;
  for (const owner of [dns, promises, Resolver.prototype, promises.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(owner)) {
      if (!/^(resolve|reverse|lookupService)/.test(name)) continue;
      replace(owner, name, () => (...rest) => failing(rest, unreachable(rest[0])));
    }
  }

  // `send` is given a message first, `connect` a port; a text after that is the host.
  for (const name of ["send", "connect"]) {
    replace(dgram.Socket.prototype, name, (method) => function (...given) {
      const host = given.slice(1).find((item) => typeof item === "string");
      if (host && !ownAddress(host)) throw unreachable(host);
      return method.apply(this, given);
    });
  }

  syncBuiltinESMExports();
}

const { LLMDOCS_MOCK_PORT, LLMDOCS_MOCK_HTTP_ONLY_PORT, LLMDOCS_MOCK_LOCAL_PORTS } = process.env;
if (LLMDOCS_MOCK_PORT) {
  install(
    Number(LLMDOCS_MOCK_PORT),
    Number(LLMDOCS_MOCK_HTTP_ONLY_PORT),
    new Set(LLMDOCS_MOCK_LOCAL_PORTS.split(",").map(Number)),
  );
}
