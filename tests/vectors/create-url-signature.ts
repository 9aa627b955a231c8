// The signing function exactly as the specification "Request Authentication Flow" prints it, section "Generating Signed URLs", "Signature Algorithm".
import { createHmac } from "crypto";

function createUrlSignature(
  secretKey: string,
  path: string,
  expiresAt?: number,
): string {
  // Include expiration in the payload if provided
  const payload = expiresAt ? `${path}?exp=${expiresAt}` : path;
  
  const signature = createHmac("sha256", secretKey)
    .update(payload)
    .digest("base64url")
    .substring(0, 32); // Truncate for shorter URLs
  
  return signature;
}
