// An identity provider on loopback, with an API that asks it about tokens. Prints its port.
//
// argv[2]: JSON [{id, secret, way}], `way` being client_secret_basic or client_secret_post.

import { createServer } from "node:http";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

// the packages lie in the folder this is started in
const require = createRequire(pathToFileURL(`${process.cwd()}/`));
const { default: Provider } = await import(pathToFileURL(require.resolve("oidc-provider")));

const clients = JSON.parse(process.argv[2]).map(({ id, secret, way }) => ({
  client_id: id,
  client_secret: secret,
  token_endpoint_auth_method: way,
  grant_types: ["client_credentials"],
  redirect_uris: [],
  response_types: [],
  scope: "jobs:read jobs:write",
}));

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address();
  const provider = new Provider(`http://127.0.0.1:${port}`, {
    clients,
    scopes: ["jobs:read", "jobs:write", "jobs:delete"],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      revocation: { enabled: true },
    },
    ttl: { ClientCredentials: 600 },
  });
  // the API: what the token is worth, by the provider's own memory
  provider.use(async (ctx, next) => {
    if (ctx.path !== "/api") return next();
    const value = ctx.get("Authorization").replace(/^Bearer /, "");
    const token = value && (await provider.ClientCredentials.find(value));
    ctx.status = token?.isValid ? 200 : 401;
    ctx.body = token?.isValid ? { client: token.clientId, scope: token.scope } : {};
  });
  server.on("request", provider.callback());
  console.log(port);
});
