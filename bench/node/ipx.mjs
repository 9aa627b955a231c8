// IPX as its documentation starts it, in front of an origin: node ipx.mjs ORIGIN. Prints its port.
import { createServer } from "node:http";
import { createIPX, createIPXNodeServer, ipxHttpStorage } from "ipx";

const domains = [process.argv[2]];
const ipx = createIPX({ httpStorage: ipxHttpStorage({ domains, ignoreCacheControl: true }) });
const server = createServer(createIPXNodeServer(ipx));
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
