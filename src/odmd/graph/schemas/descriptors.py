"""Reads sets of Protobuf's file descriptors (`protoc --descriptor_set_out`, `buf build -o …`) as JSON."""

from __future__ import annotations

from odmd.graph.schemas.kept import PROTOBUF, Json, SchemaUnreadable, library


def read_descriptors(content: bytes) -> Json:
    """A set of file descriptors, without what people wrote beside it.

    Raises:
        SchemaUnreadable, FormatMissing
    """
    library("google.protobuf", "Protobuf")
    from google.protobuf import descriptor_pb2, json_format
    from google.protobuf.message import DecodeError

    found = descriptor_pb2.FileDescriptorSet()
    try:
        found.ParseFromString(content)
    except DecodeError as wrong:
        raise SchemaUnreadable("it is no set of file descriptors") from wrong
    for file in found.file:
        file.ClearField("source_code_info")
    said = json_format.MessageToDict(found)
    if not said.get("file"):
        raise SchemaUnreadable("it is a set of file descriptors without a file")
    return {PROTOBUF: said}
