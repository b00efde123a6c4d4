// How much a reading of the account graph has to expect, to cut it into chunks.
// Parameters: none.
// Returns: accounts, links, devices, instruments, addresses, identifiers, each INTEGER.
// READ. Starts from: the count store, no scan.
RETURN COUNT { (:Account) } AS accounts,
       COUNT { ()-[:USED_DEVICE]->() } + COUNT { ()-[:PAID_WITH]->() }
         + COUNT { ()-[:SEEN_AT]->() } + COUNT { ()-[:USES_IDENTIFIER]->() } AS links,
       COUNT { (:Device) } AS devices,
       COUNT { (:PaymentInstrument) } AS instruments,
       COUNT { (:IpAddress) } AS addresses,
       COUNT { (:Identifier) } AS identifiers
