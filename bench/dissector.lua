-- Reads the header and checks the CRC of link frames, for tshark to be measured with (wire-format 3).

local link = Proto("umilink", "UMI link frame")
local TYPES = {[0] = "data", "ack", "nak", "poll", "idle", "reset", "power", "reserved"}
local fields = link.fields
fields.sof = ProtoField.uint8("umilink.sof", "Start of frame", base.HEX)
fields.length = ProtoField.uint8("umilink.length", "Length minus one")
fields.dst_port = ProtoField.uint8("umilink.dst_port", "To port", base.DEC, nil, 0xF0)
fields.src_port = ProtoField.uint8("umilink.src_port", "From port", base.DEC, nil, 0x0F)
fields.type = ProtoField.uint8("umilink.type", "Frame type", base.DEC, TYPES, 0xE0)
fields.first = ProtoField.bool("umilink.first", "First fragment", 8, nil, 0x10)
fields.last = ProtoField.bool("umilink.last", "Last fragment", 8, nil, 0x08)
fields.seq = ProtoField.uint8("umilink.seq", "Sequence number", base.DEC, nil, 0x07)
fields.status = ProtoField.uint8("umilink.link_status", "Link status")
fields.fragment = ProtoField.uint8("umilink.fragment", "Fragment index")
fields.payload = ProtoField.bytes("umilink.payload", "Payload")
fields.crc = ProtoField.uint16("umilink.crc", "Checksum", base.HEX)
fields.crc_ok = ProtoField.uint8("umilink.crc_ok", "Checksum agrees")

local bit = bit or bit32
local band, bxor, rshift, byte = bit.band, bit.bxor, bit.rshift, string.byte

-- CRC-16/IBM-SDLC: polynomial 0x1021 reflected.
local steps = {}
for value = 0, 255 do
    local crc = value
    for _ = 1, 8 do
        crc = band(crc, 1) == 1 and bxor(rshift(crc, 1), 0x8408) or rshift(crc, 1)
    end
    steps[value] = crc
end

local function checksum(raw)
    local crc = 0xFFFF
    for place = 1, #raw do
        crc = bxor(rshift(crc, 8), steps[band(bxor(crc, byte(raw, place)), 0xFF)])
    end
    return bxor(crc, 0xFFFF)
end

function link.dissector(buffer, pinfo, tree)
    local size = buffer:len()
    if size < 8 then
        return 0
    end
    local node = tree:add(link, buffer())
    node:add(fields.sof, buffer(0, 1))
    node:add(fields.length, buffer(1, 1))
    node:add(fields.dst_port, buffer(2, 1))
    node:add(fields.src_port, buffer(2, 1))
    local control = buffer(3, 1)
    node:add(fields.type, control)
    node:add(fields.first, control)
    node:add(fields.last, control)
    node:add(fields.seq, control)
    node:add(fields.status, buffer(4, 1))
    node:add(fields.fragment, buffer(5, 1))
    if size > 8 then
        node:add(fields.payload, buffer(6, size - 8))
    end
    local stored = buffer(size - 2, 2)
    node:add_le(fields.crc, stored)
    node:add(fields.crc_ok, stored, checksum(buffer:raw(0, size - 2)) == stored:le_uint() and 1 or 0)
    pinfo.cols.protocol = "UMI"
    return size
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, link)
