import Foundation
import SluiceCore
import SluiceLocalStore
import SluiceTesting

let rides = StreamID(FeatureVersion("rides", 1), .realtime)

func sighting(_ path: String, number: UInt64 = 1, _ text: String = "some text", replaces: UInt32? = nil) -> FileSighting
{
    FileSighting(path: path, number: number, prefix: Array(text.utf8), replaces: replaces)
}
