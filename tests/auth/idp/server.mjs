// An identity provider on loopback, with an API that asks it about tokens. Prints its port.
//
// argv[2]: JSON [{id, secret, way}], `way` being client_secret_basic or client_secret_post, for
// applications; or none, for one with which people sign in, whose tokens live two seconds.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// the packages lie in the folder this is started in
const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const PERSON = ["urn:ietf:params:oauth:grant-type:device_code", "refresh_token"];
const clients = JSON.parse(process.argv[2]).map(({ id, secret, way }) => ({
  client_id: id,
  client_secret: secret,
  token_endpoint_auth_method: way,
  grant_types: way === "none" ? PERSON : ["client_credentials"],
  redirect_uris: [],
  response_types: [],
  scope: way === "none" ? "openid offline_access" : "jobs:read jobs:write",
}));

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients,
    scopes: ["openid", "offline_access", "jobs:read", "jobs:write", "jobs:delete"],
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      devInteractions: { enabled: true }, // pages on which anybody can sign in
      revocation: { enabled: true },
    },
    // one that is used a second time ends all that came of the sign-in
    rotateRefreshToken: true,
    ttl: { AccessToken: 2, ClientCredentials: 600, DeviceCode: 60 },
  });
  // the API: what the token is worth, by the provider's own memory; below it a job of Cognite's,
  // which lasts for five seconds from its first look, and Cognite's inspection of a token
  let began;
  provider.use(async (ctx, next) => {
    if (!/^\/api(\/|$)/.test(ctx.path)) return next();
    const value = ctx.get("Authorization").replace(/^Bearer /, "");
    const kinds = [provider.ClientCredentials, provider.AccessToken];
    const found = value ? await Promise.all(kinds.map((kind) => kind.find(value))) : [];
    const token = found.find((one) => one?.isValid);
    ctx.status = token ? 200 : 401;
    if (!token) return void (ctx.body = {});
    const { clientId: client, scope, accountId: who } = token;
    if (ctx.path.endsWith("/inspect")) {
      ctx.body = { subject: who, projects: [{ projectUrlName: "p", groups: [] }] };
    } else if (ctx.path.endsWith("/1")) {
      began ??= Date.now();
      const status = Date.now() - began < 5000 ? "Running" : "Completed";
      ctx.body = { jobId: 1, status, createdTime: began, statusTime: Date.now(), items: [] };
    } else {
      ctx.body = { client, scope, who };
    }
  });
  server.on("request", provider.callback());
  console.log(port);
});
