// What GitHub's own toolkit prints for a group and for errors.
//
// argv[2]: JSON {group, errors: [{title, message}]}.

import { pathToFileURL } from "node:url";

// the packages lie in the folder this is started in
const place = `${process.cwd()}/node_modules/@actions/core/lib/core.js`;
const core = await import(pathToFileURL(place));

const { group, errors } = JSON.parse(process.argv[2]);
core.startGroup(group);
core.endGroup();
for (const { title, message } of errors) core.error(message, { title });
