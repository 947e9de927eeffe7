using QRCoder;

namespace Grid.Tests.Pages;

/// <summary>QR symbols by QRCoder, an independent encoder.</summary>
internal static class QrReference
{
    private const int QuietZone = 4;

    // The format word is masked; columns 2 to 4 of row 8 hold the number of the data mask.
    private const int FormatMask = 0b101;

    /// <summary>The rows of the symbol, 1 for dark, and the data mask that the encoder chose.</summary>
    internal static string[] Rows(string text, QRCodeGenerator.ECCLevel level, out int mask)
    {
        using var data = QRCodeGenerator.GenerateQrCode(text, level);
        int size = data.ModuleMatrix.Count - 2 * QuietZone;
        var rows = Enumerable
            .Range(0, size)
            .Select(y =>
                string.Concat(
                    Enumerable.Range(0, size).Select(x => data.ModuleMatrix[y + QuietZone][x + QuietZone] ? '1' : '0')
                )
            )
            .ToArray();
        mask = Convert.ToInt32(rows[8].Substring(2, 3), 2) ^ FormatMask;
        return rows;
    }
}
